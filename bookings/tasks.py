"""The jobs of bookings."""

from datetime import datetime, timedelta

from django.conf import settings

from booking_site.jobs import job
from bookings import idempotency, services


@job("bookings.expire_holds")
def expire_holds(now: datetime) -> str:
    """Put the nights of holds that ran out back on sale."""
    return f"{services.expire_holds()} holds were released"


@job("bookings.warn_expiring_holds")
def warn_expiring_holds(now: datetime) -> str:
    """Tell guests that their hold is about to end."""
    ahead = timedelta(minutes=settings.HOLD_WARNING_MINUTES)
    return f"{services.warn_expiring_holds(ahead=ahead)} holds end soon"


@job("bookings.purge_idempotency_records")
def purge_idempotency_records(now: datetime) -> str:
    """Forget answers that no client will ask for again."""
    return f"{idempotency.purge(now=now)} answers were deleted"
