"""What every replay needs: a file, and settings as large as its dates."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.bookings.replay.bookings_file import STORY, write


@pytest.fixture(autouse=True)
def large_limits(settings: Settings) -> None:
    settings.BOOKING_HORIZON_DAYS = 60
    settings.MAX_STAY_NIGHTS = 60


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A file with something of everything."""
    return write(tmp_path / "story.csv", STORY)
