"""The engine against its model: whatever is asked in whatever order, both answer the same.

A failure prints the shortest history that shows it; `--hypothesis-seed` repeats a run.
"""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import Settings

from rooms import inventory
from rooms.stays import Stay
from tests.bookings.engine_machine import GUESTS, BookingEngine
from tests.bookings.engine_model import HORIZON_DAYS, MAX_NIGHTS, MAX_UNITS
from tests.factories import PropertyFactory, UserFactory

STEPS = 10_000
STEPS_OF_ONE_HISTORY = 50
# So that several workers can share the steps.
PARTS = 4


@pytest.fixture
def _small_world(settings: Settings, transactional_db: None) -> None:
    """Bounds that a random step meets often, and commits that wait for no disk."""
    settings.BOOKING_HORIZON_DAYS = HORIZON_DAYS
    settings.MAX_STAY_NIGHTS = MAX_NIGHTS
    settings.MAX_BOOKING_UNITS = MAX_UNITS
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")


@pytest.fixture
def engine(_small_world: None, monkeypatch: pytest.MonkeyPatch) -> type[BookingEngine]:
    """The machine, with properties in three time zones and currencies, and three guests."""
    lisbon = PropertyFactory(timezone="Europe/Lisbon", currency="EUR")
    tokyo = PropertyFactory(
        timezone="Asia/Tokyo",
        currency="JPY",
        free_cancellation_days=1,
        cancellation_fee_percent=50,
    )
    los_angeles = PropertyFactory(
        timezone="America/Los_Angeles",
        currency="USD",
        free_cancellation_days=0,
        cancellation_fee_percent=33,
    )
    monkeypatch.setattr(BookingEngine, "properties", [lisbon, tokyo, los_angeles], raising=False)
    guests = [UserFactory(password=None) for _ in range(GUESTS)]
    monkeypatch.setattr(BookingEngine, "guests", guests, raising=False)
    monkeypatch.setattr(BookingEngine, "steps", 0)
    return BookingEngine


def run(engine: type[BookingEngine], *, histories: int, **rest: Any) -> None:
    run_state_machine_as_test(
        engine,
        settings=hypothesis_settings(
            max_examples=histories,
            stateful_step_count=STEPS_OF_ONE_HISTORY,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **rest,
        ),
    )


@pytest.mark.timeout(600)  # a failure is made short before it is shown
@pytest.mark.parametrize("part", range(PARTS))
def test_engine_and_model_agree(engine: type[BookingEngine], part: int) -> None:
    steps = STEPS // PARTS
    while engine.steps < steps:  # some histories end early
        histories = (steps - engine.steps) // STEPS_OF_ONE_HISTORY + 1
        run(engine, histories=histories, phases=set(Phase) - {Phase.explain}, print_blob=True)


def test_control_a_night_that_is_not_given_back_is_found(
    engine: type[BookingEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    give_back = inventory.give_back_nights

    def give_back_too_few(room_id: UUID, stay: Stay, units: int) -> None:
        if stay.nights > 1:
            stay = Stay.of_nights(stay.check_in, stay.nights - 1)
        give_back(room_id, stay, units)

    monkeypatch.setattr(inventory, "give_back_nights", give_back_too_few)
    with pytest.raises(AssertionError):
        run(
            engine,
            histories=100,
            phases=[Phase.generate],
            database=None,
            report_multiple_bugs=False,
        )
