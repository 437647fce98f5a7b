"""The id that ties a client's report to our log lines."""

import logging
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """Return the id of the request being served, or "-" outside of one."""
    return _request_id.get()


def set_request_id(value: str) -> None:
    """Make `value` the id of the request that this thread or task serves from now on."""
    _request_id.set(value)


class RequestIdFilter(logging.Filter):
    """Gives every log record the id of the request it was written in."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add `request_id` to the record and keep it."""
        record.request_id = current_request_id()
        return True
