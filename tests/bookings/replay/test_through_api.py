"""`manage.py replay_bookings --http`: the same through the REST API of a running server."""

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from bookings.models import Booking, IdempotencyRecord
from bookings.replay.rows import read_rows
from bookings.replay.through_api import shift_of
from tests.bookings.replay.bookings_file import FIGURES, FIRST_ARRIVAL, line, write

pytestmark = pytest.mark.django_db(transaction=True)


def replay(url: str, file: Path, **options: Any) -> dict[str, Any]:
    report = file.parent / "report.json"
    call_command("replay_bookings", file, http=url, report=report, stdout=StringIO(), **options)
    loaded: dict[str, Any] = json.loads(report.read_text())
    assert loaded["ledger_breaks"] == []
    return loaded


def test_one_client_ends_as_the_days_went(live_server: LiveServer, story: Path) -> None:
    report = replay(live_server.url, story)

    assert {name: report[name] for name in FIGURES} == FIGURES
    moved = Booking.objects.get(note="line-2").check_in - FIRST_ARRIVAL
    assert moved.days % 7 == 0
    assert 7 <= (FIRST_ARRIVAL + moved - timezone.now().date()).days <= 14
    assert IdempotencyRecord.objects.count() == FIGURES["accepted"]
    assert Booking.objects.values("user").distinct().count() > 1


def test_a_second_run_does_nothing_new(live_server: LiveServer, story: Path) -> None:
    replay(live_server.url, story)

    report = replay(live_server.url, story, workers=2)

    assert Booking.objects.count() == FIGURES["accepted"]
    assert "accepted" not in report["this_run"]["outcomes"]
    assert "cancelled" not in report["this_run"]["outcomes"]


def test_several_clients_sell_no_more_than_there_is(
    live_server: LiveServer, tmp_path: Path
) -> None:
    rush = write(tmp_path / "rush.csv", [line(lead_time=5) for _ in range(20)])

    report = replay(live_server.url, rush, workers=3)

    assert report["this_run"]["outcomes"] == {"accepted": 2, "sold out": 18}


def test_says_what_the_server_has_to_allow(
    live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    far = write(tmp_path / "far.csv", [line(), line(arrival=date(2015, 9, 1))])

    with pytest.raises(CommandError, match=r"BOOKING_HORIZON_DAYS too small\. .* this command"):
        replay(live_server.url, far)

    assert not Booking.objects.exists()


def test_dates_move_by_whole_weeks_into_the_week_after_next(tmp_path: Path) -> None:
    rows = read_rows(write(tmp_path / "bookings.csv", [line()]))

    for offset in range(7):
        today = date(2026, 3, 2) + timedelta(days=offset)
        shift = shift_of(rows, today=today)
        assert shift.days % 7 == 0
        assert 7 <= (FIRST_ARRIVAL + shift - today).days <= 13
