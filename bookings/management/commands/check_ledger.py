"""`manage.py check_ledger`: prove that no night is sold twice."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bookings.ledger import check_ledger


class Command(BaseCommand):
    """Prints what does not balance and exits 1 if anything does not."""

    help = (
        "Prove for every room and night that free + booked + blocked units are its inventory. "
        "Exits 1 and lists the rows that break it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        report = check_ledger()
        for found in report.breaks:
            self.stdout.write(str(found))
        if report.breaks:
            raise CommandError(
                f"{len(report.breaks)} breaks in {report.nights} nights.", returncode=1
            )
        self.stdout.write(f"The ledger is exact: {report.nights} nights.")
