"""GET and PATCH /auth/me: one's own account and nobody else's. POST /auth/visitor."""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/auth/me"
SignIn = Callable[[User], APIClient]


def test_shows_the_own_account(
    api_of: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = UserFactory(email="ada@example.com", full_name="Ada Guest")
    UserFactory()
    client = api_of(user)
    with django_assert_num_queries(1):
        answer = client.get(URL)
    assert answer.status_code == 200
    assert answer.json() == {
        "id": str(user.id),
        "email": "ada@example.com",
        "full_name": "Ada Guest",
        "language": "en",
        "email_verified_at": None,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert "no-store" in answer.headers["Cache-Control"]


def test_name_can_be_changed(api_of: SignIn) -> None:
    user = UserFactory(full_name="Ada Guest")
    other = UserFactory(full_name="Bob Guest")
    answer = api_of(user).patch(URL, {"full_name": " Ada King "})
    assert answer.status_code == 200
    assert answer.json()["full_name"] == "Ada King"
    user.refresh_from_db()
    other.refresh_from_db()
    assert (user.full_name, other.full_name) == ("Ada King", "Bob Guest")


def test_nothing_else_can_be_changed(api_of: SignIn) -> None:
    user = UserFactory(email="ada@example.com")
    client = api_of(user)
    before = User.objects.values().get()
    answer = client.patch(
        URL,
        {
            "full_name": before["full_name"],
            "id": str(UserFactory.build().id),
            "email": "eve@example.com",
            "email_verified_at": "2026-01-01T00:00:00Z",
            "created_at": "2026-01-01T00:00:00Z",
            "is_staff": True,
            "is_superuser": True,
            "is_active": False,
            "password": "another good one",
        },
    )
    assert answer.status_code == 200
    assert User.objects.values().get() == before


def test_language_of_mails_can_be_changed(api_of: SignIn) -> None:
    user = UserFactory(full_name="Ada Guest")
    answer = api_of(user).patch(URL, {"language": "de"})
    assert (answer.status_code, answer.json()["language"]) == (200, "de")
    user.refresh_from_db()
    assert (user.full_name, user.language) == ("Ada Guest", "de")


@pytest.mark.parametrize("language", ["fr", "de-AT", "", None, 7])
def test_only_languages_that_the_product_speaks_are_taken(api_of: SignIn, language: object) -> None:
    answer = api_of(UserFactory()).patch(URL, {"language": language})
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["language"]
    assert User.objects.get().language == "en"


@pytest.mark.parametrize("body", [{"full_name": None}, {"full_name": "x" * 151}])
def test_bad_name_changes_nothing(api_of: SignIn, body: dict[str, object]) -> None:
    client = api_of(UserFactory(full_name="Ada Guest"))
    answer = client.patch(URL, body)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["full_name"]
    assert User.objects.get().full_name == "Ada Guest"


@pytest.mark.parametrize("gone", ["deleted", "deactivated"])
def test_is_closed_to_who_is_gone(api_of: SignIn, gone: str) -> None:
    user = UserFactory(full_name="Ada Guest")
    client = api_of(user)
    if gone == "deleted":
        user.delete()
    else:
        User.objects.update(is_active=False)
    for answer in (client.get(URL), client.patch(URL, {"full_name": "Eve"})):
        assert answer.status_code == 401
        assert answer.json()["type"] == "/problems/not-authenticated"
    assert not User.objects.filter(full_name="Eve").exists()


def test_is_closed_to_visitors(visitor: APIClient) -> None:
    for answer in (visitor.get(URL), visitor.patch(URL, {"full_name": "Eve"})):
        assert answer.status_code == 403
        assert answer.json()["type"] == "/problems/not-allowed"


def test_visitor_gets_a_token(
    api: APIClient, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = api.post("/api/v1/auth/visitor")
    assert answer.status_code == 201
    body = answer.json()
    assert body.keys() == {"access", "token_type", "expires_in"}
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == settings.VISITOR_TOKEN_LIFETIME.total_seconds()
    assert tokens.read_bearer_token(body["access"]).is_visitor
