"""Who may call what: every operation of the API has a row, and a new one without fails."""

import re

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient
from uuid_utils.compat import uuid7

from tests.factories import UserFactory

API = "api/v1/"
ANYBODY = {"nobody", "visitor", "user"}
LOOKS_AROUND = {"visitor", "user"}
SIGNED_IN = {"user"}

# What the calls that a cookie alone could authorise ask for.
CSRF = {"HTTP_X_REQUESTED_WITH": "tests"}

# The shell's own pages about the API; they change nothing.
PUBLIC = {("GET", "schema/"), ("GET", "docs/")}

OPERATIONS = {
    ("POST", "auth/register"): ANYBODY,
    ("POST", "auth/login"): ANYBODY,
    ("POST", "auth/refresh"): ANYBODY,
    ("POST", "auth/logout"): ANYBODY,
    ("POST", "auth/visitor"): ANYBODY,
    ("POST", "auth/password-reset"): ANYBODY,
    ("POST", "auth/password-reset/confirm"): ANYBODY,
    ("POST", "auth/verify-email"): ANYBODY,
    ("POST", "auth/verify-email/request"): SIGNED_IN,
    ("GET", "auth/me"): SIGNED_IN,
    ("PATCH", "auth/me"): SIGNED_IN,
    ("GET", "auth/me/calendar"): SIGNED_IN,
    ("POST", "auth/me/calendar"): SIGNED_IN,
    # Programs can't sign in: the address is the secret.
    ("GET", "calendars/<str:token>.ics"): ANYBODY,
    ("GET", "room-calendars/<str:token>.ics"): ANYBODY,
    ("GET", "rooms"): LOOKS_AROUND,
    ("GET", "rooms/<uuid:room_id>"): LOOKS_AROUND,
    ("GET", "rooms/<uuid:room_id>/availability"): LOOKS_AROUND,
    ("GET", "rooms/<uuid:room_id>/quote"): LOOKS_AROUND,
    ("GET", "locations"): LOOKS_AROUND,
    ("GET", "bookings"): SIGNED_IN,
    ("POST", "bookings"): SIGNED_IN,
    ("GET", "bookings/<uuid:pk>"): SIGNED_IN,
    ("GET", "bookings/<uuid:pk>/calendar.ics"): SIGNED_IN,
    ("POST", "bookings/<uuid:pk>/confirm"): SIGNED_IN,
    ("POST", "bookings/<uuid:pk>/cancel"): SIGNED_IN,
    ("POST", "bookings/<uuid:pk>/modify"): SIGNED_IN,
}


def operations() -> set[tuple[str, str]]:
    """Return every method and path under the API that a view answers."""
    return {
        (method, path.removeprefix(API))
        for path, view in _views(get_resolver().url_patterns)
        if path.startswith(API)
        for method in _methods(view)
    }


def _views(patterns, prefix=""):
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield path, pattern.callback


def _methods(view):
    if hasattr(view, "actions"):
        return {method.upper() for method in view.actions} - {"HEAD", "OPTIONS"}
    names = view.view_class.http_method_names
    return {name.upper() for name in names if name != "options" and hasattr(view.view_class, name)}


def test_every_operation_has_a_row():
    assert operations() == OPERATIONS.keys() | PUBLIC


@pytest.fixture
def clients(api_of, transactional_db) -> dict[str, APIClient]:
    visitor = APIClient()
    token = visitor.post("/api/v1/auth/visitor").json()["access"]
    visitor.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return {"nobody": APIClient(), "visitor": visitor, "user": api_of(UserFactory())}


@pytest.mark.parametrize("operation", sorted(OPERATIONS), ids=" ".join)
def test_only_those_of_the_row_get_past_the_door(clients, operation):
    method, path = operation
    for role, client in clients.items():
        url = f"/{API}{re.sub('<.*?>', str(uuid7()), path)}"
        answer = client.generic(method, url, "{}", content_type="application/json", **CSRF)
        status = answer.status_code
        refused = {"nobody": 401, "visitor": 403}.get(role)
        if role in OPERATIONS[operation]:
            assert status != 403, f"{role} was sent away"
            assert status != 401 or path in ("auth/login", "auth/refresh")
        else:
            assert status == refused, f"{role} got in"


def test_a_deactivated_user_can_not_write(api_of, transactional_db):
    user = UserFactory()
    client = api_of(user)
    type(user).objects.update(is_active=False)
    booking = f"/api/v1/bookings/{uuid7()}"
    for path in (
        "/api/v1/bookings",
        f"{booking}/confirm",
        f"{booking}/cancel",
        f"{booking}/modify",
    ):
        assert client.post(path, {}).status_code == 401
