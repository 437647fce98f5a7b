"""The engine as it is often written: look, then write what follows from what was seen.

The negative controls run with it. A race that does not break this engine could not find a fault in
the real one either.
"""

from uuid import UUID

import pytest
from django.db.models import QuerySet
from pytest_django import Settings

from booking_site.db import Isolation
from rooms import inventory
from rooms.models import RoomAvailability
from rooms.stays import Stay


def without_row_locks(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Turn every SELECT ... FOR UPDATE into a plain read, at READ COMMITTED, without stripes."""
    settings.BOOKING_ISOLATION = Isolation.READ_COMMITTED.value
    monkeypatch.setattr(QuerySet, "select_for_update", _plain_read)


def without_locks_and_condition(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Besides, let nights be taken by writing what is left of the count that was read."""
    without_row_locks(monkeypatch, settings)
    monkeypatch.setattr(inventory, "take_nights", _write_what_is_left)


def _plain_read(rows: QuerySet, **_: object) -> QuerySet:
    return rows.all()


def _write_what_is_left(room_id: UUID, stay: Stay, units: int) -> None:
    for date, night in inventory.lock_nights(room_id, stay.dates()).items():
        RoomAvailability.objects.filter(room_id=room_id, date=date).update(
            available_count=night.available_count - units
        )
