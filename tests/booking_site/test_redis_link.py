import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis.exceptions import ResponseError

from booking_site import redis_link
from booking_site.embedded.ports import pick_free_port
from booking_site.redis_link import Link, RedisDownError, Script
from tests.valkeys import PrivateValkey


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[PrivateValkey]:
    with PrivateValkey(tmp_path) as valkey:
        yield valkey


@pytest.fixture
def link(valkey: PrivateValkey) -> Link:
    return Link(valkey.url)


def test_a_command_and_several_in_one_round_trip(link: Link) -> None:
    assert link.command("SET", "name", b"value") == b"OK"
    assert link.pipeline([("GET", "name"), ("INCR", "count")]) == [b"value", 1]


def test_a_script_runs_whether_or_not_redis_knows_it(link: Link) -> None:
    script = Script("return {KEYS[1], ARGV[1]}", link)
    assert script.run(["key"], ["argument"]) == [b"key", b"argument"]
    link.command("SCRIPT", "FLUSH")
    assert script.run(["key"], ["argument"]) == [b"key", b"argument"]


def test_after_a_refused_command_the_replies_still_belong_to_their_commands(link: Link) -> None:
    link.command("SET", "name", "no number")
    with pytest.raises(ResponseError):
        link.pipeline([("INCR", "name"), ("GET", "name")])
    assert link.command("GET", "name") == b"no number"


def test_threads_do_not_get_each_others_replies(link: Link) -> None:
    def echo(number: int) -> bool:
        return all(link.command("ECHO", number) == str(number).encode() for _ in range(50))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(echo, range(32)))


def test_any_number_of_threads_come_and_go(link: Link) -> None:
    for _ in range(150):
        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(link.command, "PING").result() == b"PONG"


def test_nobody_listens() -> None:
    link = Link(f"redis://127.0.0.1:{pick_free_port()}/0")
    with pytest.raises(RedisDownError):
        link.command("PING")


def test_a_hung_redis_is_asked_once_and_then_left_alone(
    link: Link, valkey: PrivateValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert link.command("PING") == b"PONG"
    valkey.hang()
    with pytest.raises(RedisDownError, match="Timeout"):
        link.command("PING")
    # The breaker is open: nothing is sent, and so no time-out is the reason.
    with pytest.raises(RedisDownError, match=r"^$"):
        link.command("PING")
    valkey.go_on()
    later = time.monotonic() + 60.0
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert link.command("ECHO", "back") == b"back"


def test_a_restarted_redis_is_found_again(
    link: Link, valkey: PrivateValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_link, "PAUSE_SECONDS", 0.0)
    link.command("SET", "name", "value")
    valkey.restart()
    with pytest.raises(RedisDownError):
        link.command("GET", "name")
    assert link.command("GET", "name") is None


def test_the_default_is_the_products_redis() -> None:
    assert redis_link.command("PING") == b"PONG"
    assert redis_link.pipeline([("PING",)]) == [b"PONG"]
    assert Script("return 1").run([]) == 1
