"""POST /auth/password-reset and /auth/verify-email, with what the mailed links carry."""

import json
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.mailed_tokens import email_verification_token, password_reset_link_parts
from accounts.models import User
from booking_site.models import OutboxEvent
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

ASK = "/api/v1/auth/password-reset"
RESET = "/api/v1/auth/password-reset/confirm"
VERIFY = "/api/v1/auth/verify-email"
ASK_TO_VERIFY = "/api/v1/auth/verify-email/request"
NEW_PASSWORD = "quite another battery"

SignIn = Callable[[User], APIClient]


def body_of(user: User, **changes: str) -> dict[str, str]:
    uid, token = password_reset_link_parts(user)
    return {"uid": uid, "token": token, "password": NEW_PASSWORD, **changes}


def test_asking_answers_the_same_for_every_address(api: APIClient) -> None:
    UserFactory(email="known@example.com")
    UserFactory(email="gone@example.com", is_active=False)
    answers = [
        api.post(ASK, {"email": f"{name}@example.com"}) for name in ("known", "gone", "unknown")
    ]
    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 3
    assert len({tuple(sorted(set(answer.headers) - {"X-Request-ID"})) for answer in answers}) == 1
    assert OutboxEvent.objects.filter(type="user.password_reset_requested").count() == 1


@pytest.mark.parametrize("email", ["", "nonsense", None, ["ada@example.com"], "a\x00@example.com"])
def test_asking_needs_an_address(api: APIClient, email: object) -> None:
    answer = api.post(ASK, {"email": email})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "email")
    assert not OutboxEvent.objects.exists()


def test_a_new_password_opens_the_account_and_the_old_one_does_not(api: APIClient) -> None:
    user = UserFactory()
    answer = api.post(RESET, body_of(user))
    assert (answer.status_code, answer.content) == (204, b"")
    for password, status in ((PASSWORD, 401), (NEW_PASSWORD, 200)):
        login = api.post("/api/v1/auth/login", {"email": user.email, "password": password})
        assert login.status_code == status


def test_a_used_link_is_refused_like_one_that_never_was(api: APIClient) -> None:
    user = UserFactory()
    body = body_of(user)
    api.post(RESET, body)
    used = api.post(RESET, body)
    never_was = api.post(RESET, body_of(UserFactory.build()))
    assert used.status_code == never_was.status_code == 400
    assert used.json()["type"] == never_was.json()["type"] == "/problems/link-expired"
    assert used.json()["detail"] == never_was.json()["detail"]


def test_a_bad_password_is_explained_to_the_one_with_the_link_only(api: APIClient) -> None:
    user = UserFactory()
    with_link = api.post(RESET, body_of(user, password="12"))
    without = api.post(RESET, body_of(user, token="nonsense", password="12"))
    assert {error["code"] for error in with_link.json()["errors"]} >= {"password-too-short"}
    assert without.json()["type"] == "/problems/link-expired"
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"uid": "x" * 256}, "uid"),
        ({"token": None}, "token"),
        ({"token": "\ud800"}, "token"),
        ({"password": "x" * 129}, "password"),
        ({"password": ""}, "password"),
    ],
)
def test_a_malformed_reset_changes_nothing(
    api: APIClient, change: dict[str, object], field: str
) -> None:
    user = UserFactory()
    answer = api.post(RESET, json.dumps(body_of(user) | change), content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_an_address_is_verified_however_often_it_is_asked(api: APIClient, api_of: SignIn) -> None:
    user = UserFactory()
    token = email_verification_token(user)
    assert [api.post(VERIFY, {"token": token}).status_code for _ in range(2)] == [204, 204]
    assert api_of(user).get("/api/v1/auth/me").json()["email_verified_at"] is not None


def test_a_forged_verification_is_refused(api: APIClient) -> None:
    user = UserFactory()
    answer = api.post(VERIFY, {"token": email_verification_token(user)[:-1] + "_"})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/link-expired")
    user.refresh_from_db()
    assert user.email_verified_at is None


def test_another_verification_mail_can_be_asked_for(api_of: SignIn) -> None:
    user = UserFactory()
    assert api_of(user).post(ASK_TO_VERIFY).status_code == 202
    assert OutboxEvent.objects.get().type == "user.email_verification_requested"


def test_who_is_gone_gets_no_mail(api_of: SignIn) -> None:
    client = api_of(UserFactory())
    User.objects.update(is_active=False)
    assert client.post(ASK_TO_VERIFY).status_code == 401
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("url", [ASK, RESET, VERIFY])
def test_answers_are_not_kept_by_caches(api: APIClient, url: str) -> None:
    assert "no-store" in api.post(url, {}).headers["Cache-Control"]
