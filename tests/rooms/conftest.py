"""Fixtures of the rooms' tests. Their clock stands still at NOW unless the API is called."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts import tokens
from rooms import services
from rooms.models import Room
from tests.factories import PropertyFactory, RoomFactory

NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)
TODAY = date(2027, 1, 15)

NewRoom = Callable[..., Room]


@pytest.fixture
def new_room(transactional_db: None, settings: Settings) -> NewRoom:
    """Add rooms whose nights are on sale from TODAY for 60 nights."""
    settings.BOOKING_HORIZON_DAYS = 60

    def add(**facts: Any) -> Room:
        facts.setdefault("property", None)
        facts["property"] = facts["property"] or PropertyFactory()
        return services.add_room(RoomFactory.build(**facts), now=NOW)

    return add


@pytest.fixture
def visitor() -> APIClient:
    """A client that may look around and nothing else."""
    token = tokens.visitor_token(now=timezone.now()).value
    return APIClient(headers={"Authorization": f"Bearer {token}"})
