"""`manage.py seed_demo`: hotels, rates and bookings to look at."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.utils import timezone

from bookings.demo.people import write_logins
from bookings.demo.seeding import seed, why_not


class Command(BaseCommand):
    """Completes the demo at each start; what is there already stays as it is."""

    help = "Add demo hotels, rates, bookings and logins, as far as they are missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="Also where there are other properties."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["force"] and (reason := why_not()):
            self.stdout.write(f"No demo hotels were added: {reason}.")
            return
        with connection.cursor() as cursor:
            # Two thousand commits need not wait for the disk: the next run adds what a power cut
            # takes.
            cursor.execute("SET synchronous_commit TO off")
        seeded = seed(now=timezone.now())
        write_logins(settings.DATA_DIR / "demo_logins.json")
        if not any((seeded.properties, seeded.rooms, seeded.rates, seeded.bookings)):
            self.stdout.write("The demo hotels are complete.")
            return
        self.stdout.write(
            f"Added {seeded.properties} properties, {seeded.rooms} rooms, rates of "
            f"{seeded.rates} nights and {seeded.bookings} bookings."
        )
