import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from booking_site.embedded.errors import EmbeddedError
from booking_site.embedded.ports import (
    LAST_PORT,
    LOOPBACK,
    RememberedPorts,
    is_free,
    pick_free_port,
    wait_until_free,
    web_port,
)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((LOOPBACK, pick_free_port())) as server:
        yield server.getsockname()[1]


def test_a_port_somebody_listens_on_is_not_free(taken: int) -> None:
    assert not is_free(taken)


def test_asking_for_a_port_does_not_occupy_it() -> None:
    port = pick_free_port()

    assert is_free(port)
    assert is_free(port)


def test_picked_ports_stay_out_of_the_range_of_outgoing_connections() -> None:
    assert all(pick_free_port() <= LAST_PORT < 32_768 for _ in range(50))


def test_the_wait_for_a_port_ends_when_it_is_released() -> None:
    with socket.create_server((LOOPBACK, pick_free_port())) as server:
        port = server.getsockname()[1]
        assert not wait_until_free(port, seconds=0.1)
    assert wait_until_free(port, seconds=0.1)


def test_the_site_takes_the_next_port_when_its_own_is_taken(taken: int) -> None:
    with web_port(None, LOOPBACK, default=taken) as port:
        assert taken < port <= taken + 99


def test_two_runs_that_start_at_once_get_different_ports() -> None:
    with web_port(None, LOOPBACK, default=pick_free_port()) as first:
        with web_port(None, LOOPBACK, default=first) as second:
            assert second > first
        with pytest.raises(EmbeddedError, match="is taken"), web_port(str(first), LOOPBACK):
            pass
    with web_port(str(first), LOOPBACK) as again:
        assert again == first


def test_a_port_that_was_asked_for_and_is_taken_is_refused(taken: int) -> None:
    with pytest.raises(EmbeddedError, match=f"Port {taken} on 127.0.0.1 is taken"):
        web_port(str(taken), LOOPBACK).__enter__()


@pytest.mark.parametrize("wanted", ["http", "0", "-1", "65536", "80.5", "²"])
def test_nonsense_is_no_port(wanted: str) -> None:
    with pytest.raises(EmbeddedError, match="is not a port number"):
        web_port(wanted, LOOPBACK).__enter__()


def test_a_server_keeps_its_port_from_run_to_run(tmp_path: Path) -> None:
    first = RememberedPorts(tmp_path / "ports.json").choose("postgres")

    assert RememberedPorts(tmp_path / "ports.json").choose("postgres") == first
    assert RememberedPorts(tmp_path / "ports.json").choose("valkey") != first


def test_a_server_moves_when_its_port_has_been_taken(tmp_path: Path) -> None:
    ports = RememberedPorts(tmp_path / "ports.json")
    with socket.create_server((LOOPBACK, ports.choose("postgres"))) as server:
        moved = ports.choose("postgres")
        assert moved != server.getsockname()[1]
    assert ports.choose("postgres") == moved


@pytest.mark.parametrize("text", ["", "{", "[]", '{"postgres": "x"}'])
def test_a_damaged_memory_is_forgotten(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ports.json"
    path.write_text(text)

    assert is_free(RememberedPorts(path).choose("postgres"))
