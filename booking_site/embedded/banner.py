import json
from pathlib import Path


def banner(url: str, demo_logins: Path, mails: Path | None) -> str:
    """Return what the user reads when the site is up.

    Args:
        url: the site's address, with a slash at its end.
        demo_logins: a list of objects with `role`, `email` and `password`; may be missing.
        mails: where mails are written as files, None if they are sent.
    """
    lines = [
        "",
        f"  The site       {url}",
        f"  API docs       {url}api/v1/docs/",
        f"  Administration {url}admin/",
    ]
    if mails is not None:
        lines.append(f"  Mails          {mails} (and in the administration)")
    lines.append("")
    logins = _read(demo_logins)
    if logins:
        lines += [f"  Log in as {login}" for login in logins]
        lines.append("")
    lines.append("  Press Ctrl-C to stop.")
    lines.append("")
    return "\n".join(lines)


def _read(demo_logins: Path) -> list[str]:
    try:
        logins = json.loads(demo_logins.read_text())
        return [f"{login['role']}: {login['email']} / {login['password']}" for login in logins]
    except (OSError, ValueError, TypeError, KeyError):
        return []
