"""A session beside Django's, for what must happen outside of the engine's connection."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection


@contextmanager
def another_session() -> Iterator[psycopg.Connection]:
    """Connect to the test's database past the pool, with every statement its own transaction."""
    parameters = {**connection.get_connection_params(), "autocommit": True}
    with psycopg.connect(**parameters) as session:
        yield session


def end_backend(pid: int) -> None:
    """Let the server end a connection, and wait until it has."""
    with another_session() as session:
        ended = session.execute("SELECT pg_terminate_backend(%s, 5000)", [pid]).fetchone()
    assert ended == (True,)
