"""POST /auth/refresh and /auth/logout: by cookie with a header that proves our page, or by body."""

import json

import pytest
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from accounts.models import LoginSession, User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

REFRESH = "/api/v1/auth/refresh"
LOGOUT = "/api/v1/auth/logout"
OUR_PAGE = {"X-Requested-With": "fetch"}


def sign_in(api: APIClient, *, channel: str = "cookie") -> dict[str, str]:
    UserFactory(email="ada@example.com")
    credentials = {"email": "ada@example.com", "password": PASSWORD}
    answer = api.post("/api/v1/auth/login", {**credentials, "refresh_token_in": channel})
    body: dict[str, str] = answer.json()
    return body


class TestRefreshByCookie:
    def test_rotates_in_the_cookie(self, api: APIClient) -> None:
        first = sign_in(api)
        old_cookie = api.cookies["refresh_token"].value
        answer = api.post(REFRESH, headers=OUR_PAGE)
        assert answer.status_code == 200
        assert answer.json().keys() == {"access", "token_type", "expires_in"}
        assert answer.json()["access"] != first["access"]
        assert answer.cookies["refresh_token"].value != old_cookie
        assert answer.cookies["refresh_token"]["httponly"] is True
        assert api.post(REFRESH, headers=OUR_PAGE).status_code == 200

    def test_is_refused_without_the_header(self, api: APIClient) -> None:
        sign_in(api)
        before = LoginSession.objects.values().get()
        for headers in ({}, {"X-Requested-With": ""}):
            answer = api.post(REFRESH, headers=headers)
            assert answer.status_code == 403
            assert answer.json()["type"] == "/problems/csrf-header-missing"
            assert not answer.cookies
        assert LoginSession.objects.values().get() == before

    def test_plain_cookie_counts_for_nothing_over_https(
        self, api: APIClient, settings: Settings
    ) -> None:
        sign_in(api)
        settings.HTTPS = True
        assert api.post(REFRESH, headers=OUR_PAGE).json()["type"] == "/problems/session-ended"


class TestRefreshByBody:
    def test_rotates_in_the_body(self, api: APIClient) -> None:
        first = sign_in(api, channel="body")
        answer = api.post(REFRESH, {"refresh": first["refresh"]})
        assert answer.status_code == 200
        assert answer.json().keys() == {"access", "token_type", "expires_in", "refresh"}
        assert answer.json()["refresh"] != first["refresh"]
        assert not answer.cookies

    def test_body_goes_before_the_cookie(self, api: APIClient) -> None:
        sign_in(api)
        answer = api.post(REFRESH, {"refresh": "nonsense"}, headers=OUR_PAGE)
        assert answer.status_code == 401

    def test_new_access_token_opens_the_account(self, api: APIClient) -> None:
        first = sign_in(api, channel="body")
        access = api.post(REFRESH, {"refresh": first["refresh"]}).json()["access"]
        api.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        assert api.get("/api/v1/auth/me").json()["email"] == "ada@example.com"

    @pytest.mark.django_db(transaction=True)
    def test_reuse_is_refused_and_the_session_stays_revoked(self, api: APIClient) -> None:
        spent = sign_in(api, channel="body")["refresh"]
        second = api.post(REFRESH, {"refresh": spent}).json()["refresh"]
        third = api.post(REFRESH, {"refresh": second}).json()["refresh"]
        for token in (spent, third):
            answer = api.post(REFRESH, {"refresh": token})
            assert answer.status_code == 401
            assert answer.json()["type"] == "/problems/session-ended"
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert LoginSession.objects.get().revoked_at is not None

    def test_costs_one_lock_and_one_update(
        self, api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        first = sign_in(api, channel="body")
        with django_assert_num_queries(4) as queries:  # two are the savepoint
            api.post(REFRESH, {"refresh": first["refresh"]})
        statements = [query["sql"] for query in queries.captured_queries]
        assert statements[1].endswith('FOR UPDATE OF "accounts_loginsession"')
        assert statements[2].startswith("UPDATE")

    @pytest.mark.parametrize("token", ["x" * 2049, "", None, 7, "\x00", {}, "a\ud800"])
    def test_what_is_no_token_is_refused(self, api: APIClient, token: object) -> None:
        body = json.dumps({"refresh": token})
        answer = api.post(REFRESH, body, content_type="application/json")
        assert answer.status_code == (401 if token == 7 else 400)

    def test_without_any_token_is_refused(self, api: APIClient) -> None:
        for answer in (api.post(REFRESH), api.post(REFRESH, {}, headers=OUR_PAGE)):
            assert answer.status_code == 401
            assert answer.json()["type"] == "/problems/session-ended"


class TestLogout:
    def test_by_cookie_ends_the_session_and_clears_the_cookie(self, api: APIClient) -> None:
        sign_in(api)
        token = api.cookies["refresh_token"].value
        answer = api.post(LOGOUT, headers=OUR_PAGE)
        assert (answer.status_code, answer.content) == (204, b"")
        cleared = answer.cookies["refresh_token"]
        assert (cleared.value, cleared["max-age"]) == ("", 0)
        assert (cleared["path"], cleared["samesite"]) == ("/api/v1/auth/", "Strict")
        assert LoginSession.objects.get().revoked_at is not None
        assert api.post(REFRESH, {"refresh": token}).status_code == 401

    def test_by_body_ends_the_session(self, api: APIClient) -> None:
        token = sign_in(api, channel="body")["refresh"]
        assert api.post(LOGOUT, {"refresh": token}).status_code == 204
        assert api.post(REFRESH, {"refresh": token}).status_code == 401

    def test_can_be_repeated(self, api: APIClient) -> None:
        token = sign_in(api, channel="body")["refresh"]
        for body in ({"refresh": token}, {"refresh": token}, {"refresh": "nonsense"}, {}):
            assert api.post(LOGOUT, body).status_code == 204

    def test_works_with_an_expired_access_token(self, api: APIClient) -> None:
        token = sign_in(api, channel="body")["refresh"]
        api.credentials(HTTP_AUTHORIZATION="Bearer expired")
        assert api.post(LOGOUT, {"refresh": token}).status_code == 204
        assert LoginSession.objects.get().revoked_at is not None

    def test_by_cookie_needs_the_header(self, api: APIClient) -> None:
        sign_in(api)
        assert api.post(LOGOUT).status_code == 403
        assert LoginSession.objects.get().revoked_at is None

    def test_over_https_clears_the_secure_cookie(self, api: APIClient, settings: Settings) -> None:
        settings.HTTPS = True
        cleared = api.post(LOGOUT).cookies["__Secure-refresh_token"]
        assert (cleared["max-age"], cleared["secure"]) == (0, True)


def test_access_token_of_a_deactivated_user_can_not_be_renewed(api: APIClient) -> None:
    token = sign_in(api, channel="body")["refresh"]
    User.objects.update(is_active=False)
    assert api.post(REFRESH, {"refresh": token}).status_code == 401
