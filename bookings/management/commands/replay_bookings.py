"""`manage.py replay_bookings FILE`: real bookings, booked and cancelled again."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from booking_site.problems import Problem
from bookings.replay.api_client import ApiError
from bookings.replay.replaying import CannotReplayError, Plan, replay
from bookings.replay.rows import read_rows


class Command(BaseCommand):
    """Continues where the last run of the same kind ended; exits 1 if the ledger breaks."""

    help = (
        "Replay a file of real bookings and cancellations and check the ledger. Run it again to "
        "continue a replay that was interrupted. See docs/replay.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="hotel_bookings.csv or hotel_bookings.csv.gz")
        parser.add_argument(
            "--workers",
            type=int,
            default=1,
            help="So many processes at once, or with --http so many clients.",
        )
        parser.add_argument(
            "--http", default="", metavar="URL", help="Through the API of the site at this address."
        )
        parser.add_argument("--limit", type=int, metavar="EVENTS", help="Only the first so many.")
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="Write the figures as JSON."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        plan = Plan(workers=max(1, options["workers"]), url=options["http"], limit=options["limit"])
        try:
            rows = read_rows(options["file"])
            # `disable=None`: no bar where there is no terminal.
            with tqdm(unit=" events", smoothing=0.05, disable=None) as bar:
                report = replay(rows, plan, now=timezone.now(), start_bar=partial(_start, bar))
        except (OSError, ValueError, CannotReplayError, ApiError, Problem) as error:
            raise CommandError(str(error)) from error
        if options["report"]:
            options["report"].write_text(json.dumps(report.as_json(), indent=2) + "\n")
        self.stdout.write("\n".join(report.lines()))
        if report.ledger_breaks:
            raise CommandError("The ledger is broken.", returncode=1)


def _start(bar: "tqdm[Any]", events: int, done: int) -> Callable[[int], object]:
    bar.reset(total=events)
    bar.n = bar.initial = done
    return bar.update
