"""Runs `serve` with a tiny plan in place of Django's commands."""

import json
import os
import sys
from pathlib import Path

from booking_site.embedded.data_directory import data_directory
from booking_site.embedded.errors import EmbeddedError
from booking_site.embedded.plan import Plan, Service, Step
from booking_site.embedded.serve import serve

FIRST_STEP = """
import os, pathlib
names = "DATABASE_URL REDIS_URL SECRET_KEY DATA_DIR HOST PORT HTTPS PUBLIC_URL".split()
text = "\\n".join(f"{name}={os.environ[name]}" for name in names)
(pathlib.Path(os.environ["DATA_DIR"]) / "step").write_text(text)
"""
LOGINS = [{"role": "guest", "email": "guest@example.com", "password": "a-password"}]


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


PLAN = Plan(
    steps=(
        Step("Writing down the environment", python(FIRST_STEP)),
        Step("Failing if asked to", python(os.environ.get("STEP", ""))),
    ),
    web=Service("web", (sys.executable, str(Path(__file__).with_name("standin_site.py")))),
    services=(Service("sleeper", python("import time; time.sleep(600)")),),
)

if __name__ == "__main__":
    data = data_directory(os.environ["DATA_DIR"])
    data.create()
    data.demo_logins.write_text(json.dumps(LOGINS))
    try:
        sys.exit(serve(data, os.environ, PLAN))
    except EmbeddedError as error:
        sys.exit(f"error: {error}")
