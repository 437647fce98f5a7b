"""`manage.py expire_holds`: put the nights of holds that ran out back on sale."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error

from booking_site.problems import Problem
from bookings.services import expire_holds


class Command(BaseCommand):
    """Runs once, or for ever with a pause in between until it is told to stop."""

    help = "Release every hold that ran out, by the database's clock."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every", type=float, metavar="SECONDS", help="Repeat with this pause until stopped."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        pause: float | None = options["every"]
        if pause is None:
            self.stdout.write(f"Released {expire_holds()} holds.")
            return
        stopped = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopped.set())
        while not stopped.is_set():
            self._run_and_survive()
            stopped.wait(pause)

    def _run_and_survive(self) -> None:
        """Let a database that is away for a while be the next round's business."""
        try:
            if released := expire_holds():
                self.stdout.write(f"Released {released} holds.")
        except (Error, Problem) as error:
            self.stderr.write(f"Not released, trying again: {error}")
