"""A client of the REST API that keeps its connection and tries again where that is safe."""

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

_PATIENCE_SECONDS = 60.0
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 2.0
_TRY_AGAIN = {429, 502, 503, 504}


class ApiError(Exception):
    """The server could not be reached for a minute, or answered what nobody expected."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A status and the JSON object that came with it, empty if none did."""

    status: int
    body: dict[str, Any]

    @property
    def problem(self) -> str:
        """The slug of the problem's type, empty if it is none."""
        return str(self.body.get("type", "")).rpartition("/")[2]


class ApiClient:
    """Sends one request after the other over one connection; each thread needs its own.

    A request is sent again when the connection broke or the server asked for it (429, 503), so
    everything that is sent must be safe to repeat. `repeated` counts how often that was.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url} is not the address of a server, such as http://127.0.0.1:8000")
        connect = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = connect(parts.hostname, parts.port, timeout=30)
        self._root = parts.path.rstrip("/") + "/api/v1"
        self.repeated = 0

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        token: str = "",
        key: str = "",
    ) -> Reply:
        """Send a request, again if need be, and return the answer.

        `token` goes into the Authorization header, `key` into Idempotency-Key.
        Raises ApiError when a minute of trying was not enough.
        """
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if key:
            headers["Idempotency-Key"] = key
        content = None if body is None else json.dumps(body)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                reply, retry_after = self._exchange(method, path, content, headers)
                failure = f"{reply.status} {reply.body.get('detail', '')}"
                if reply.status not in _TRY_AGAIN:
                    return reply
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                failure, retry_after = repr(error), 0.0
            if time.monotonic() > deadline:
                raise ApiError(f"{method} {path}: {failure}")
            self.repeated += 1
            time.sleep(max(pause, retry_after))
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _exchange(
        self, method: str, path: str, content: str | None, headers: dict[str, str]
    ) -> tuple[Reply, float]:
        self._connection.request(method, self._root + path, content, headers)
        response = self._connection.getresponse()
        raw = response.read()
        body = json.loads(raw) if raw and "json" in response.headers.get("Content-Type", "") else {}
        return Reply(status=response.status, body=body), float(
            response.headers.get("Retry-After", 0)
        )
