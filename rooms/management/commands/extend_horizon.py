from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from rooms import services


class Command(BaseCommand):
    """Run it once a day: every property's booking horizon moves on by a night."""

    help = "Put the nights on sale that came within the booking horizon."

    def handle(self, *args: Any, **options: Any) -> None:
        opened = services.extend_horizon(now=timezone.now())
        self.stdout.write(f"{opened} nights were put on sale.")
