"""The connection pool, as large as a test needs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def pool_of(max_size: int, *, timeout: float) -> Iterator[None]:
    """Give the process a pool of so many connections, each waited for `timeout` seconds."""
    options = connection.settings_dict["OPTIONS"]
    usual = options["pool"]
    _replace_pool({**usual, "max_size": max_size, "timeout": timeout})
    try:
        yield
    finally:
        _replace_pool(usual)


def _replace_pool(options: dict[str, float]) -> None:
    connection.close()
    connection.close_pool()
    connection.settings_dict["OPTIONS"]["pool"] = options
