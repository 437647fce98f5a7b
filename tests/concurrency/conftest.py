"""What every race needs: a regime, connections of its own, nights that are quick to make."""

import fcntl
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.models import User
from booking_site.db import Isolation
from tests.concurrency.pools import pool_of
from tests.factories import UserFactory

# A race may be slow where nothing orders the buyers: to be correct is its point, not to be quick.
PATIENCE_SECONDS = 30


@pytest.fixture(autouse=True)
def _short_horizon(settings: Settings) -> None:
    settings.BOOKING_HORIZON_DAYS = 20
    settings.TRANSACTION_DEADLINE_SECONDS = PATIENCE_SECONDS


@pytest.fixture(params=list(Isolation), ids=lambda regime: regime.replace(" ", "-"))
def regime(request: pytest.FixtureRequest, settings: Settings) -> Isolation:
    """One of the three regimes under which the engine has to be correct."""
    settings.BOOKING_ISOLATION = request.param.value
    return request.param


@pytest.fixture
def many_connections(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let 52 threads have a connection each; one test at a time, whatever the workers are."""
    shared_by_workers = tmp_path_factory.getbasetemp().parent / "many_connections.lock"
    with shared_by_workers.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pool_of(52, timeout=PATIENCE_SECONDS):
            yield


@pytest.fixture(autouse=True)
def _few_connections(transactional_db: None) -> Iterator[None]:
    with pool_of(6, timeout=PATIENCE_SECONDS):
        yield


@pytest.fixture
def guest() -> User:
    return UserFactory(password=None)
