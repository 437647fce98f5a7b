"""POST /auth/register: one answer for known and unknown addresses."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/auth/register"


def test_makes_an_account(api: APIClient) -> None:
    answer = api.post(
        URL, {"email": " Ada@Example.com", "password": PASSWORD, "full_name": " Ada Guest "}
    )
    assert answer.status_code == 201
    assert answer.json() == {"email": "ada@example.com", "full_name": "Ada Guest"}
    assert User.objects.get().check_password(PASSWORD)


def test_name_may_be_left_out(api: APIClient) -> None:
    answer = api.post(URL, {"email": "ada@example.com", "password": PASSWORD})
    assert answer.json() == {"email": "ada@example.com", "full_name": ""}


@pytest.mark.parametrize(
    ("accepted", "sent", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", {}, "de"),
        ("fr,pt", {}, "en"),
        ("", {}, "en"),
        ("en", {"language": "de"}, "de"),
    ],
)
def test_language_of_mails_is_the_one_sent_or_else_the_browsers(
    api: APIClient, accepted: str, sent: dict[str, str], language: str
) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD} | sent
    answer = api.post(URL, body, HTTP_ACCEPT_LANGUAGE=accepted)
    assert answer.status_code == 201
    assert User.objects.get().language == language


@pytest.mark.parametrize("is_active", [True, False])
def test_answers_the_same_for_a_known_address_and_changes_nothing(
    api: APIClient, is_active: bool
) -> None:
    body = {"email": "ada@example.com", "password": PASSWORD, "full_name": "Ada Guest"}
    first = api.post(URL, body)
    User.objects.update(is_active=is_active)
    before = User.objects.values().get()
    again = api.post(URL, body | {"email": "ADA@EXAMPLE.COM", "password": "another good one"})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert User.objects.values().get() == before


def test_privileges_can_not_be_sent(api: APIClient) -> None:
    api.post(
        URL,
        {
            "email": "eve@example.com",
            "password": PASSWORD,
            "is_staff": True,
            "is_superuser": True,
            "email_verified_at": "2026-01-01T00:00:00Z",
        },
    )
    user = User.objects.get()
    assert (user.is_staff, user.is_superuser, user.email_verified_at) == (False, False, None)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"email": "nonsense"}, "email", "invalid"),
        ({"email": ""}, "email", "blank"),
        ({"email": "a" * 250 + "@example.com"}, "email", "max-length"),
        ({"email": "a@" + "İ" * 50 + ("." + "İ" * 50) * 3 + ".example"}, "email", "max-length"),
        ({"email": "ada\x00@example.com"}, "email", "invalid"),
        ({"email": ["ada@example.com"]}, "email", "invalid"),
        ({"password": "ada@example"}, "password", "password-too-similar"),
        ({"password": "ada lovelace"}, "password", "password-too-similar"),
        ({"password": "12"}, "password", "password-too-short"),
        ({"password": "x" * 129}, "password", "max-length"),
        ({"password": "correct\x00horse battery"}, "password", "null-characters-not-allowed"),
        ({"password": "correct horse \ud800"}, "password", "surrogate-characters-not-allowed"),
        ({"password": None}, "password", "null"),
        ({"full_name": "x" * 151}, "full_name", "max-length"),
        ({"full_name": "Ada\x00"}, "full_name", "null-characters-not-allowed"),
        ({"full_name": "Ada \udfff"}, "full_name", "surrogate-characters-not-allowed"),
        ({"full_name": "Ada\r\nBcc: all"}, "full_name", "control-characters"),
        ({"language": "fr"}, "language", "invalid-choice"),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_names_what_is_wrong_and_makes_nothing(
    api: APIClient, change: dict[str, Any], field: str, code: str, known: bool
) -> None:
    if known:
        UserFactory(email="ada@example.com", full_name="Ada Guest")
    before = list(User.objects.values())
    body = {"email": "ada@example.com", "password": PASSWORD, "full_name": "Ada Lovelace"}
    answer = api.post(URL, json.dumps(body | change), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/invalid-input"
    assert (field, code) in [(error["field"], error["code"]) for error in answer.json()["errors"]]
    assert list(User.objects.values()) == before


def test_longest_of_everything_fits(api: APIClient) -> None:
    email = "a" * 64 + "@" + ("b" * 59 + ".") * 3 + "example"
    password = " " + "correct horse battery"[::-1] * 6 + " "
    answer = api.post(URL, {"email": email, "password": password, "full_name": "N" * 150})
    assert answer.status_code == 201
    assert User.objects.get(email=email).check_password(password)


def test_ignores_a_broken_token(api: APIClient) -> None:
    api.credentials(HTTP_AUTHORIZATION="Bearer expired")
    assert api.post(URL, {"email": "a@example.com", "password": PASSWORD}).status_code == 201
