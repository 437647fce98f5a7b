"""The jobs of accounts."""

from datetime import datetime

from accounts.services import sessions
from booking_site.jobs import job


@job("accounts.purge_sessions")
def purge_sessions(now: datetime) -> str:
    """Forget the sessions that no token can belong to any more."""
    return f"{sessions.purge_expired_sessions(now=now)} sessions were deleted"
