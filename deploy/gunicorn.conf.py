"""How gunicorn runs the site; `docs/running.md` lists the variables."""

import os
from pathlib import Path

import gunicorn

host = os.environ.get("HOST", "127.0.0.1")
port = os.environ.get("PORT", "8000")
bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

# Threads, because a request waits for PostgreSQL most of the time; processes, because Python
# uses one core each.
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))

# Seconds. Longer than the pause between two clicks; a proxy in front should close first.
keepalive = 15
timeout = 30
graceful_timeout = 10

# Longer than any search of ours, much shorter than what an attacker would like to send.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# Whoever may set X-Forwarded-Proto decides whether a request counts as encrypted, so nobody may
# unless told so: the addresses of the proxies, separated by commas.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "")
forwarder_headers = ""

# One socket per user and machine is all that it knows; several sites would fight for it.
control_socket_disable = True

# A worker shows by touching a file that it is alive; on a slow disk that alone can take too long.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108

accesslog = os.environ.get("ACCESS_LOG") or None
errorlog = "-"
loglevel = os.environ.get("WEB_LOG_LEVEL", "warning")

gunicorn.SERVER = "web"
