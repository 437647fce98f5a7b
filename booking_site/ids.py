"""Primary keys."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562): ordered by time, so that indexes grow at their end."""
    return uuid7()
