"""The client of the API: what it sends, and when it sends that again."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bookings.replay import api_client
from bookings.replay.api_client import ApiClient, ApiError, Reply


@dataclass
class Script:
    """What the server answers, and what it was asked. A status of 0 breaks the connection."""

    statuses: list[int] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def script() -> Iterator[Script]:
    played = Script()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            played.keys.append(self.headers["Idempotency-Key"])
            status = played.statuses.pop(0) if len(played.statuses) > 1 else played.statuses[0]
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(asked)))
            self.end_headers()
            self.wfile.write(asked)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    played.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield played
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def client(script: Script) -> Iterator[ApiClient]:
    connected = ApiClient(script.url)
    yield connected
    connected.close()


def test_sends_json_and_returns_what_was_answered(client: ApiClient, script: Script) -> None:
    script.statuses = [409]

    reply = client.send("POST", "/bookings", {"type": "/problems/sold-out"}, key="line-2")

    assert reply == Reply(status=409, body={"type": "/problems/sold-out"})
    assert reply.problem == "sold-out"
    assert script.keys == ["line-2"]
    assert client.repeated == 0


def test_sends_the_same_again_when_the_server_is_busy_or_the_connection_breaks(
    client: ApiClient, script: Script
) -> None:
    script.statuses = [503, 0, 429, 201]

    assert client.send("POST", "/bookings", {"a": 1}, key="line-2").status == 201

    assert script.keys == ["line-2"] * 4
    assert client.repeated == 3


def test_gives_up_in_the_end(
    client: ApiClient, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    script.statuses = [503]
    monkeypatch.setattr(api_client, "_PATIENCE_SECONDS", 0.1)

    with pytest.raises(ApiError, match="POST /bookings: 503"):
        client.send("POST", "/bookings", {"detail": json.dumps("busy")})


def test_an_address_must_be_one() -> None:
    with pytest.raises(ValueError, match="localhost:8000 is not the address of a server"):
        ApiClient("localhost:8000")
