"""`manage.py replay_bookings`: serial, interrupted, and by several processes."""

import json
import threading
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django import Settings

from booking_site.db import STRIPES
from bookings.models import Booking, BookingStatus
from rooms.models import Property, RoomAvailability
from tests.bookings.interruption import die_after
from tests.bookings.replay.bookings_file import FIGURES, line, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def replay(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Run the command and return its report."""

    def run(file: Path, **options: Any) -> dict[str, Any]:
        report = tmp_path / "report.json"
        call_command("replay_bookings", file, report=report, stdout=StringIO(), **options)
        loaded: dict[str, Any] = json.loads(report.read_text())
        assert loaded["ledger_breaks"] == []
        return loaded

    return run


def figures(report: dict[str, Any]) -> dict[str, Any]:
    return {name: report[name] for name in FIGURES}


def states() -> list[tuple[str, str]]:
    return sorted(Booking.objects.values_list("note", "status"))


STATES = sorted(
    [
        ("line-2", BookingStatus.CONFIRMED),
        ("line-3", BookingStatus.CANCELLED),
        ("line-6", BookingStatus.CONFIRMED),
        ("line-11", BookingStatus.CONFIRMED),
        ("line-12", BookingStatus.CANCELLED),
    ]
)


class TestSerial:
    def test_ends_as_the_days_went(self, replay, story: Path) -> None:
        report = replay(story)

        assert figures(report) == FIGURES
        assert states() == STATES
        assert report["this_run"]["outcomes"] == {
            "accepted": 5,
            "sold out": 4,
            "no nights": 2,
            "no guests": 1,
            "cancelled": 2,
            "nothing to cancel": 1,
        }

    def test_books_at_the_price_and_on_the_days_of_the_data(self, replay, story: Path) -> None:
        replay(story)

        booking = Booking.objects.get(note="line-3")
        assert (booking.check_in, booking.check_out) == (date(2015, 7, 1), date(2015, 7, 3))
        assert booking.total_price == Decimal(161)
        assert booking.cancelled_at is not None
        assert booking.cancelled_at.date() == date(2015, 6, 25)
        assert Booking.objects.get(note="line-6").guests == 3
        assert Booking.objects.get(note="line-11").total_price == 0

    def test_a_second_run_does_nothing(self, replay, story: Path) -> None:
        replay(story)

        report = replay(story)

        assert figures(report) == FIGURES
        assert report["this_run"]["outcomes"] == {}
        assert states() == STATES

    def test_an_interrupted_run_is_continued_where_it_was(self, replay, story: Path) -> None:
        for queries in (3, 40, 20, 30):
            with pytest.raises(KeyboardInterrupt), connection.execute_wrapper(die_after(queries)):
                replay(story)

        assert figures(replay(story)) == FIGURES
        assert states() == STATES

    def test_can_go_part_of_the_way(self, replay, story: Path) -> None:
        report = replay(story, limit=3)

        assert figures(report) == {
            "events": 3,
            "accepted": 2,
            "refused": {"sold out": 1},
            "cancelled": 0,
            "nothing_to_cancel": 0,
            "negative_prices_raised_to_zero": 0,
            "room_nights_held": 4,
        }
        assert figures(replay(story)) == FIGURES

    def test_a_broken_ledger_is_an_error(self, story: Path) -> None:
        call_command("replay_bookings", story, stdout=StringIO())
        RoomAvailability.objects.filter(available_count=1).update(available_count=0)
        output = StringIO()

        with pytest.raises(CommandError, match="The ledger is broken") as broken:
            call_command("replay_bookings", story, stdout=output)

        assert broken.value.returncode == 1
        assert "does not balance" in output.getvalue()


class TestConcurrent:
    def test_several_processes_keep_the_ledger_and_sell_no_more_than_there_is(
        self, replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        name = connection.settings_dict["NAME"]
        host = connection.settings_dict["HOST"]
        port = connection.settings_dict["PORT"] or 5432
        user, password = (connection.settings_dict[key] for key in ("USER", "PASSWORD"))
        monkeypatch.setenv("DATABASE_URL", f"postgres://{user}:{password}@{host}:{port}/{name}")
        monkeypatch.setenv("BOOKING_HORIZON_DAYS", "60")
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
        rush = write(tmp_path / "rush.csv", [line(lead_time=5) for _ in range(40)])

        report = replay(rush, workers=2)

        assert figures(report) == {
            "events": 40,
            "accepted": 2,
            "refused": {"sold out": 38},
            "cancelled": 0,
            "nothing_to_cancel": 0,
            "negative_prices_raised_to_zero": 0,
            "room_nights_held": 4,
        }
        assert report["mode"] == "concurrent"
        assert report["this_run"]["outcomes"] == {"accepted": 2, "sold out": 38}

        serial = replay(rush)

        assert figures(serial) == figures(report), "each replay has hotels and keys of its own"


class TestBusyRooms:
    def test_a_booking_waits_until_the_room_is_free_again(
        self, replay, story: Path, settings: Settings
    ) -> None:
        replay(story, limit=1)
        settings.TRANSACTION_DEADLINE_SECONDS = 0.2
        held = threading.Event()
        holder = threading.Thread(target=_hold_all_rooms, args=(held,))
        holder.start()
        held.wait()

        report = replay(story)

        holder.join()
        assert figures(report) == FIGURES


class TestRefusals:
    def test_says_which_settings_are_too_small(self, story: Path, settings: Settings) -> None:
        settings.MAX_STAY_NIGHTS = 2
        settings.BOOKING_HORIZON_DAYS = 10

        with pytest.raises(CommandError) as refused:
            call_command("replay_bookings", story)

        assert str(refused.value) == (
            "BOOKING_HORIZON_DAYS and MAX_STAY_NIGHTS too small. The data is larger than life: "
            "run this command with BOOKING_HORIZON_DAYS=13 MAX_STAY_NIGHTS=3 or more."
        )
        assert not Property.objects.exists()

    def test_names_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="No such file"):
            call_command("replay_bookings", tmp_path / "none.csv")

    def test_a_file_without_bookings_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="The file has no bookings"):
            call_command("replay_bookings", write(tmp_path / "empty.csv", []))


def _hold_all_rooms(held: threading.Event) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        tables = ", ".join(f"booking_stripe_{stripe:02d}" for stripe in range(STRIPES))
        cursor.execute(f"LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE")
        held.set()
        time.sleep(1)
    connection.close()
