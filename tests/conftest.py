"""What holds for every test, and fixtures that any may use."""

import os
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import PASSWORD


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in CI that skipped anything: what is not run there is not proven."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and os.environ.get("CI") == "true" and "skipped" in reporter.stats:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def api() -> APIClient:
    """A client without a token."""
    return APIClient()


@pytest.fixture
def api_of() -> Callable[[User], APIClient]:
    """Return a client that is signed in as the user."""

    def sign_in(user: User) -> APIClient:
        client = APIClient()
        answer = client.post("/api/v1/auth/login", {"email": user.email, "password": PASSWORD})
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
        return client

    return sign_in
