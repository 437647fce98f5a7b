"""POST /auth/login: the right password opens a session; all else looks alike."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from accounts.models import LoginSession, User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/auth/login"


def test_browser_gets_the_refresh_token_in_a_cookie(api: APIClient) -> None:
    UserFactory(email="ada@example.com")
    answer = api.post(URL, {"email": "ADA@example.com ", "password": PASSWORD})
    assert answer.status_code == 200
    body = answer.json()
    assert body.keys() == {"access", "token_type", "expires_in"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert list(answer.cookies) == ["refresh_token"]
    assert answer.cookies["refresh_token"].value not in answer.content.decode()


@pytest.mark.parametrize(
    ("https", "name"), [(True, "__Secure-refresh_token"), (False, "refresh_token")]
)
def test_cookie_is_out_of_reach(api: APIClient, settings: Settings, https: bool, name: str) -> None:
    settings.HTTPS = https
    UserFactory(email="ada@example.com")
    cookie = api.post(URL, {"email": "ada@example.com", "password": PASSWORD}).cookies[name]
    assert cookie["httponly"] is True
    assert cookie["secure"] == (True if https else "")
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/api/v1/auth/"
    assert cookie["domain"] == ""
    assert cookie["max-age"] == 14 * 24 * 3600


def test_program_gets_the_refresh_token_in_the_body(api: APIClient) -> None:
    UserFactory(email="ada@example.com")
    answer = api.post(
        URL, {"email": "ada@example.com", "password": PASSWORD, "refresh_token_in": "body"}
    )
    assert answer.json().keys() == {"access", "token_type", "expires_in", "refresh"}
    assert not answer.cookies


def test_answer_is_never_stored(api: APIClient) -> None:
    UserFactory(email="ada@example.com")
    answer = api.post(URL, {"email": "ada@example.com", "password": PASSWORD})
    assert "no-store" in answer.headers["Cache-Control"]


def test_costs_a_lookup_and_an_insert(
    api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    UserFactory(email="ada@example.com")
    with django_assert_num_queries(2):
        api.post(URL, {"email": "ada@example.com", "password": PASSWORD})


def test_remembers_the_device(api: APIClient) -> None:
    UserFactory(email="ada@example.com")
    api.post(
        URL, {"email": "ada@example.com", "password": PASSWORD}, headers={"User-Agent": "Firefox"}
    )
    session = LoginSession.objects.get()
    assert session.user_agent == "Firefox"
    assert timezone.now() - session.created_at < timedelta(seconds=10)


def test_refusals_look_alike(api: APIClient) -> None:
    UserFactory(email="ada@example.com")
    UserFactory(email="gone@example.com", is_active=False)
    answers = [
        api.post(URL, {"email": "ada@example.com", "password": "wrong horse"}),
        api.post(URL, {"email": "nobody@example.com", "password": PASSWORD}),
        api.post(URL, {"email": "gone@example.com", "password": PASSWORD}),
    ]
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert bodies[0]["type"] == "/problems/invalid-credentials"
    for answer in answers:
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert not answer.cookies
    assert not LoginSession.objects.exists()


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.com' OR 1=1 --", PASSWORD),
        ("ada@example.com", "x" * 129),
        ("ada@example.com", "\x00"),
        ("ada@example.com", {"$ne": ""}),
    ],
)
def test_what_no_account_can_have_is_refused_unread(
    api: APIClient, hasher_runs: list[str], email: object, password: object
) -> None:
    assert api.post(URL, {"email": email, "password": password}).status_code == 400
    assert hasher_runs == []


def test_no_other_channel_exists(api: APIClient) -> None:
    UserFactory(email="ada@example.com")
    answer = api.post(
        URL, {"email": "ada@example.com", "password": PASSWORD, "refresh_token_in": "header"}
    )
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "refresh_token_in"


def test_spaces_belong_to_the_password(api: APIClient) -> None:
    User.objects.create_user("ada@example.com", f" {PASSWORD} ")
    assert api.post(URL, {"email": "ada@example.com", "password": PASSWORD}).status_code == 401
    answer = api.post(URL, {"email": "ada@example.com", "password": f" {PASSWORD} "})
    assert answer.status_code == 200
