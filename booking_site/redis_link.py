"""One Redis command or script at a time, at the price of little more than its round trip.

Everything in Redis may be lost, and so may Redis: whoever calls gets an answer within
`TIMEOUT_SECONDS`, or RedisDownError and goes on without. After a failure nobody of this process
asks again for `PAUSE_SECONDS` (a circuit breaker), so that an outage costs one request the time-out
and the others nothing.

Each thread has a connection of its own, used without redis-py's client: pools, retries and
callbacks cost as much as all the rest of a search that hits the cache.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError
from redis.retry import Retry

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.05
PAUSE_SECONDS = 1.0

Argument = str | bytes | int | float


class RedisDownError(Exception):
    """Redis did not answer, just now or a moment ago."""


class Link:
    """The way to one Redis, shared by the threads of a process.

    Args:
        url: which Redis, as redis-py reads it.
    """

    def __init__(self, url: str) -> None:
        # Only reads the address: a pool counts the connections that it made for ever, and those of
        # threads that ended would use up its limit.
        self._pool = ConnectionPool.from_url(
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._mine = threading.local()
        self._silent_until = 0.0

    def command(self, *arguments: Argument) -> Any:
        """Send one command and return its reply; strings are bytes.

        Raises RedisDownError, and ResponseError if Redis refuses the command.
        """
        return self.pipeline([arguments])[0]

    def pipeline(self, commands: Sequence[Sequence[Argument]]) -> list[Any]:
        """Send several commands in one round trip and return their replies.

        Raises RedisDownError, and ResponseError if Redis refuses one of the commands.
        """
        if self._silent_until and time.monotonic() < self._silent_until:
            raise RedisDownError
        connection = self._connection()
        try:
            connection.send_packed_command(connection.pack_commands(commands))
            replies = [connection.read_response() for _ in commands]
        except ResponseError:
            if len(commands) > 1:
                # What is left unread would be taken for the replies of the next caller.
                connection.disconnect()
            raise
        except (RedisError, OSError) as error:
            connection.disconnect()
            raise self._down(error) from error
        except BaseException:
            connection.disconnect()
            raise
        if self._silent_until:
            self._silent_until = 0.0
            logger.warning("Redis answers again.")
        return replies

    # redis-py does not type the methods of its connections.
    def _connection(self) -> Any:
        connection: Any = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._mine.connection = self._pool.connection_class(
                **self._pool.connection_kwargs
            )
        if not connection.is_connected:
            try:
                connection.connect()
            except (RedisError, OSError) as error:
                raise self._down(error) from error
        return connection

    def _down(self, error: Exception) -> RedisDownError:
        if not self._silent_until:
            logger.warning("Redis does not answer, going on without: %s", error)
        self._silent_until = time.monotonic() + PAUSE_SECONDS
        return RedisDownError(str(error))


class Script:
    """A Lua script that Redis runs as one atomic step.

    Args:
        source: the script; Redis learns it when it is first run there.
        link: where it runs, the product's Redis by default.
    """

    def __init__(self, source: str, link: Link | None = None) -> None:
        self._source = source
        self._sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
        self._link = link

    def run(self, keys: Sequence[Argument], arguments: Sequence[Argument] = ()) -> Any:
        """Run it and return its reply; strings are bytes.

        Raises RedisDownError, and ResponseError if the script fails.
        """
        link = self._link or default_link()
        try:
            return link.command("EVALSHA", self._sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return link.command("EVAL", self._source, len(keys), *keys, *arguments)


_default = Link(settings.REDIS_URL)


def default_link() -> Link:
    """Return the way to the product's Redis, REDIS_URL."""
    return _default


def command(*arguments: Argument) -> Any:
    """Send one command to the product's Redis; see `Link.command`."""
    return _default.command(*arguments)


def pipeline(commands: Sequence[Sequence[Argument]]) -> list[Any]:
    """Send several commands to the product's Redis in one round trip; see `Link.pipeline`."""
    return _default.pipeline(commands)
