from decimal import Decimal

import pytest

from accounts.models import User
from bookings.ledger import check_ledger
from rooms.models import Room
from tests.factories import RoomFactory, UserFactory


@pytest.fixture
def guest(transactional_db: None) -> User:
    return UserFactory()


@pytest.fixture
def room(transactional_db: None) -> Room:
    """Two units that sleep two each, 80 euros a night."""
    return RoomFactory(total_inventory=2, capacity=2, price_per_night=Decimal("80.00"))


@pytest.fixture
def exact_ledger(transactional_db: None):
    """Demand that the books balance when the test is over."""
    yield
    assert check_ledger().breaks == []
