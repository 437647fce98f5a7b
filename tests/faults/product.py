"""The processes that bring mails out, each real and ready to be killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.utils import timezone

from booking_site import deliveries
from booking_site.embedded.processes import Program, spawn
from booking_site.models import DeliveryStatus, EmailDelivery, OutboxEvent
from tests.booking_site.embedded.stacks import REPOSITORY, eventually
from tests.mail_server import MailServer

# Seconds. A lease lasts half as long again.
MAIL_TIME_LIMIT = 8


class Product:
    """Relays and workers on the test's database, a broker and a mail server."""

    def __init__(self, directory: Path, broker_url: str, mail_server: MailServer) -> None:
        self.mail_server = mail_server
        self.broker_url = broker_url
        self._directory = directory
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PYTHONPATH": str(REPOSITORY),
            "DATABASE_URL": _database_url(),
            "DATABASE_POOL_SIZE": "0",
            "REDIS_URL": settings.REDIS_URL,
            "CELERY_BROKER_URL": broker_url,
            "EMAIL_URL": mail_server.url,
            "EMAIL_TIMEOUT": str(MAIL_TIME_LIMIT - 1),
            "MAIL_TIME_LIMIT_SECONDS": str(MAIL_TIME_LIMIT),
            "DATA_DIR": str(directory),
        }
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        for process in self._processes:
            kill(process)
        for log in sorted(self._directory.glob("*.log")):
            print(f"--- {log.name}\n{log.read_text()[-4000:]}")  # noqa: T201 - shown on failure

    def start_relay(self, **variables: str) -> subprocess.Popen[bytes]:
        return self._start("relay", ["manage.py", "relay_outbox"], variables)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker with one child, so that it is known who has a mail."""
        flags = ["--concurrency", "1", "--without-mingle", "--without-gossip"]
        return self._start("worker", ["-m", "celery", "-A", "booking_site", "worker", *flags], {})

    def _start(
        self, name: str, arguments: list[str], variables: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        process = spawn(
            Program(
                name,
                (sys.executable, *arguments),
                {**self._environment, **variables},
                REPOSITORY,
                log=self._directory / f"{name}{len(self._processes)}.log",
            )
        )
        self._processes.append(process)
        return process

    def wait_for_all_mails(self, seconds: float = 90) -> None:
        """Wait until every event that owes a mail has it sent, sweeping as the schedule would."""
        eventually(self._sweep, seconds=seconds)

    def _sweep(self) -> bool:
        deliveries.resend_due(now=timezone.now())
        owing = [event for event in OutboxEvent.objects.all() if deliveries.owes_mail(event)]
        sent = EmailDelivery.objects.filter(status=DeliveryStatus.SENT)
        return sent.count() == len(owing)

    def assert_every_mail_arrived(self, *, duplicates: int = 0) -> None:
        """Assert that each mail that is owed arrived, and none but those, under its Message-ID."""
        owed = set(EmailDelivery.objects.values_list("message_id", flat=True))
        arrived = self.mail_server.arrived
        assert arrived.keys() == owed
        assert arrived.total() - len(owed) <= duplicates


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it has started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def child_of(process: subprocess.Popen[bytes]) -> int:
    """Return the only child of a worker."""
    found = subprocess.run(
        ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True
    )
    (child,) = found.stdout.split()
    return int(child)


def _database_url() -> str:
    own = connection.settings_dict
    who = quote(own["USER"], safe="")
    if own["PASSWORD"]:
        who += f":{quote(own['PASSWORD'], safe='')}"
    return f"postgres://{who}@{own['HOST']}:{own['PORT']}/{own['NAME']}"
