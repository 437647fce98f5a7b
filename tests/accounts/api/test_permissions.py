"""Who may call what, and what it costs to know."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from accounts import tokens
from accounts.api.authentication import principal_of, user_id_of
from accounts.api.permissions import IsActiveUser, IsUser, MayLookAround
from accounts.models import User
from tests.factories import UserFactory


class Probe(APIView):
    def get(self, request: Request) -> Response:
        principal = principal_of(request)
        return Response(None if principal is None else str(principal.id))


class UserIdProbe(APIView):
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response(str(user_id_of(request)))


urlpatterns = [
    path("default", Probe.as_view()),
    path("looking", Probe.as_view(permission_classes=[MayLookAround])),
    path("user", Probe.as_view(permission_classes=[IsUser])),
    path("active", Probe.as_view(permission_classes=[IsActiveUser])),
    path("forgotten", UserIdProbe.as_view()),
]


@pytest.fixture(autouse=True)
def probes() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


def get(address: str, token: str | None) -> HttpResponse:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer: HttpResponse = APIClient().get(f"/{address}", headers=headers)
    return answer


def user_token(user_id: UUID) -> str:
    return tokens.access_token(user_id, now=timezone.now()).value


def visitor_token() -> str:
    return tokens.visitor_token(now=timezone.now()).value


@pytest.mark.parametrize(
    ("address", "without", "as_visitor", "as_user"),
    [
        ("default", 401, 403, 200),
        ("looking", 401, 200, 200),
        ("user", 401, 403, 200),
        ("forgotten", 401, 403, 200),
    ],
)
def test_answers_by_the_token_alone(
    address: str, without: int, as_visitor: int, as_user: int
) -> None:
    """No database is asked: the test has none."""
    somebody = UUID("01a20503-5872-7194-9c85-517ee4358df6")
    assert get(address, None).status_code == without
    assert get(address, visitor_token()).status_code == as_visitor
    answer = get(address, user_token(somebody))
    assert answer.status_code == as_user
    assert answer.content == f'"{somebody}"'.encode()


@pytest.mark.django_db
def test_active_user_is_looked_up_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = UserFactory()
    with django_assert_num_queries(1):
        answer = get("active", user_token(user.id))
    assert (answer.status_code, answer.content) == (200, f'"{user.id}"'.encode())


@pytest.mark.django_db
@pytest.mark.parametrize("gone", ["deleted", "deactivated"])
def test_active_user_is_one_who_is_not_gone(gone: str) -> None:
    user = UserFactory()
    token = user_token(user.id)
    if gone == "deleted":
        user.delete()
    else:
        User.objects.update(is_active=False)
    answer = get("active", token)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_active_user_is_no_visitor() -> None:
    assert get("active", visitor_token()).status_code == 403
    assert get("active", None).status_code == 401


def test_refusals_are_problems() -> None:
    without = get("user", None)
    assert without.headers["WWW-Authenticate"] == "Bearer"
    assert without.headers["Content-Type"] == "application/problem+json"
    assert b'"/problems/not-authenticated"' in without.content
    as_visitor = get("user", visitor_token())
    assert as_visitor.headers["Content-Type"] == "application/problem+json"
    assert b'"/problems/not-allowed"' in as_visitor.content
