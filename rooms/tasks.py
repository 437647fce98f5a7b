"""The jobs of rooms."""

from datetime import datetime

from booking_site.jobs import job
from rooms import services


@job("rooms.extend_horizon")
def extend_horizon(now: datetime) -> str:
    """Put the nights on sale that came within the booking horizon."""
    return f"{services.extend_horizon(now=now)} nights were put on sale"
