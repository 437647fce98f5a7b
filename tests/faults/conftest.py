"""Rooms, guests, a mail server, and brokers that can be killed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from booking_site.embedded.data_directory import DataDirectory
from booking_site.embedded.ports import pick_free_port
from booking_site.embedded.processes import spawn, stop
from booking_site.embedded.valkey import ValkeyServer
from bookings.models import Booking
from rooms.models import Room
from tests.booking_site.embedded.stacks import eventually
from tests.bookings.bookkeeping import book
from tests.factories import RoomFactory, UserFactory, stay_in
from tests.faults.product import Product
from tests.faults.rabbitmq import PROGRAM, RabbitMQ
from tests.mail_server import MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def rabbitmq(tmp_path: Path) -> Iterator[RabbitMQ]:
    if not PROGRAM.exists():
        pytest.skip("RabbitMQ is not installed: apt-get install rabbitmq-server")
    directory = tmp_path / "rabbitmq"
    directory.mkdir()
    with RabbitMQ(directory) as node:
        yield node


@pytest.fixture
def valkey_url(tmp_path: Path) -> Iterator[str]:
    data = DataDirectory(tmp_path / "valkey")
    data.create()
    server, port = ValkeyServer(data, durable=True), pick_free_port()
    program = server.program(port)
    process = spawn(program)
    try:
        eventually(lambda: server.answers(port))
        yield server.url(port)
    finally:
        stop(process, program)


@pytest.fixture
def on_rabbitmq(
    transactional_db: None, tmp_path: Path, rabbitmq: RabbitMQ, mail_server: MailServer
) -> Iterator[Product]:
    with Product(tmp_path, rabbitmq.url, mail_server) as product:
        yield product


@pytest.fixture
def on_valkey(
    transactional_db: None, tmp_path: Path, valkey_url: str, mail_server: MailServer
) -> Iterator[Product]:
    with Product(tmp_path, valkey_url, mail_server) as product:
        yield product


@pytest.fixture
def guest(transactional_db: None) -> User:
    return UserFactory(password=None)


@pytest.fixture
def book_some(guest: User, settings: Settings) -> Callable[[int], list[Booking]]:
    """Make bookings, each of which owes a mail."""
    settings.BOOKING_HORIZON_DAYS = 40
    room: Room = RoomFactory(total_inventory=1000)

    def make(count: int) -> list[Booking]:
        return [book(guest, room, stay_in(10)) for _ in range(count)]

    return make
