"""`manage.py expire_holds`: put the nights of holds that ran out back on sale."""

from typing import Any

from django.core.management.base import BaseCommand

from bookings.services import expire_holds


class Command(BaseCommand):
    """Runs once. The schedule does the same every half minute (bookings.tasks)."""

    help = "Release every hold that ran out, by the database's clock."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Released {expire_holds()} holds.")
