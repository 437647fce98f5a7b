"""Races over real connections: two tabs are no thief, and one address is one account."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection
from django.utils import timezone

from accounts import tokens
from accounts.mailed_tokens import password_reset_link_parts
from accounts.models import LoginSession, User
from accounts.services import mailbox, registration, sessions
from accounts.services.mailbox import LinkExpired
from accounts.services.sessions import InvalidCredentials, SessionEnded
from booking_site.models import OutboxEvent
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")


def at_once(times: int, action: Callable[[int], T]) -> list[T]:
    """Run the action in as many threads at the same moment, on connections from the pool."""
    start = Barrier(times)

    def run(number: int) -> T:
        try:
            start.wait(timeout=30)
            return action(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def log_in() -> str:
    user = UserFactory()
    issued = sessions.log_in(email=user.email, password=PASSWORD, user_agent="", now=timezone.now())
    return issued.refresh.value


def test_two_tabs_that_refresh_at_once_both_stay_signed_in() -> None:
    for _ in range(10):
        token = log_in()

        def refresh(_: int, token: str = token) -> str:
            return sessions.refresh(refresh_token=token, now=timezone.now()).refresh.value

        answers = {tokens.read_refresh_token(answer).jti for answer in at_once(2, refresh)}
        session = LoginSession.objects.get()
        assert answers == {session.current_jti}
        assert session.previous_jti == tokens.read_refresh_token(token).jti
        assert session.revoked_at is None
        User.objects.all().delete()


def test_refresh_and_sign_out_at_once_leave_nothing_open() -> None:
    for _ in range(10):
        token = log_in()

        def refresh_or_log_out(number: int, token: str = token) -> None:
            if number == 0:
                sessions.log_out(refresh_token=token, now=timezone.now())
                return
            with suppress(SessionEnded):
                sessions.refresh(refresh_token=token, now=timezone.now())

        at_once(2, refresh_or_log_out)
        assert LoginSession.objects.get().revoked_at is not None
        User.objects.all().delete()


def test_twenty_registrations_of_one_address_make_one_account() -> None:
    def register(number: int) -> None:
        email = "Ada@example.com" if number % 2 else "ada@EXAMPLE.com"
        registration.register(email=email, password=PASSWORD, full_name=f"Ada {number}")

    at_once(20, register)
    assert User.objects.get().email == "ada@example.com"
    told = OutboxEvent.objects.values_list("type", flat=True)
    assert sorted(told) == ["user.registered"] + ["user.registration_repeated"] * 19


def test_one_link_sets_one_password() -> None:
    for _ in range(10):
        user = UserFactory()
        uid, token = password_reset_link_parts(user)

        def reset(number: int, uid: str = uid, token: str = token) -> str | None:
            password = f"correct horse {number}"
            try:
                mailbox.reset_password(uid=uid, token=token, password=password, now=timezone.now())
            except LinkExpired:
                return None
            return password

        (password,) = filter(None, at_once(4, reset))
        assert User.objects.get().check_password(password)
        User.objects.all().delete()


def test_no_session_survives_a_new_password_that_is_set_meanwhile() -> None:
    for _ in range(10):
        user = UserFactory()
        uid, token = password_reset_link_parts(user)

        def reset_or_log_in(
            number: int, user: User = user, uid: str = uid, token: str = token
        ) -> None:
            now = timezone.now()
            if number == 0:
                mailbox.reset_password(uid=uid, token=token, password="set anew", now=now)
                return
            with suppress(InvalidCredentials):
                sessions.log_in(email=user.email, password=PASSWORD, user_agent="", now=now)

        at_once(3, reset_or_log_in)
        left = LoginSession.objects.select_related("user")
        assert not [session for session in left if session.is_usable(now=timezone.now())]
        User.objects.all().delete()
