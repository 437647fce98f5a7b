"""Fixtures of the accounts' tests."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.hashers import Argon2Hasher


@pytest.fixture
def hasher_runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every run of the password hasher from here on, by the name of the method that ran it."""
    runs: list[str] = []

    def counted(name: str) -> None:
        original = getattr(Argon2Hasher, name)

        def run(*args: Any, **kwargs: Any) -> Any:
            runs.append(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(Argon2Hasher, name, run)

    counted("encode")
    counted("verify")
    return runs


@pytest.fixture
def visitor(api: APIClient) -> APIClient:
    """A client with a visitor's token."""
    access = api.post("/api/v1/auth/visitor").json()["access"]
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return api
