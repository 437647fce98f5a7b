"""Fixtures that every test may use."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import PASSWORD


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
