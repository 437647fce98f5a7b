"""A session lives by its current refresh token alone; a spent one that comes back ends it."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts import tokens
from accounts.models import LoginSession, User
from accounts.services import sessions
from accounts.services.sessions import InvalidCredentials, SessionEnded, SessionTokens
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

# Tokens are read by the real clock, so the tests look ahead from it and never back.
NOW = timezone.now().replace(microsecond=0)


def after(**time: float) -> datetime:
    return NOW + timedelta(**time)


def log_in(user: User, *, user_agent: str = "Browser", now: datetime = NOW) -> SessionTokens:
    return sessions.log_in(email=user.email, password=PASSWORD, user_agent=user_agent, now=now)


def refresh(issued: SessionTokens, *, now: datetime = NOW) -> SessionTokens:
    return sessions.refresh(refresh_token=issued.refresh.value, now=now)


def jti(issued: SessionTokens) -> str:
    return str(tokens.read_refresh_token(issued.refresh.value).jti)


class TestLogIn:
    def test_opens_a_session(self) -> None:
        user = UserFactory(email="ada@example.com")
        issued = sessions.log_in(
            email="ADA@example.com", password=PASSWORD, user_agent="Browser", now=NOW
        )
        session = LoginSession.objects.get()
        assert session.user == user
        assert session.user_agent == "Browser"
        assert (session.created_at, session.last_used_at) == (NOW, NOW)
        assert session.expires_at == NOW + settings.REFRESH_TOKEN_LIFETIME
        assert (session.previous_jti, session.rotated_at, session.revoked_at) == (None, None, None)

        claims = tokens.read_refresh_token(issued.refresh.value)
        assert (claims.session_id, claims.jti) == (session.id, session.current_jti)
        assert issued.refresh.expires_in == 14 * 24 * 3600
        bearer = tokens.read_bearer_token(issued.access.value)
        assert (bearer.id, bearer.is_visitor) == (user.id, False)
        assert issued.access.expires_in == 15 * 60

    def test_keeps_a_printable_beginning_of_the_user_agent(self) -> None:
        log_in(UserFactory(), user_agent="a\x00b\r\nc" + "x" * 300)
        assert LoginSession.objects.get().user_agent == "abc" + "x" * 197

    @pytest.mark.parametrize(
        ("who", "email", "password"),
        [
            ("somebody", "nobody@example.com", PASSWORD),
            ("somebody", "ada@example.com", "wrong horse battery"),
            ("deactivated", "ada@example.com", PASSWORD),
            ("deactivated", "ada@example.com", "wrong horse battery"),
            ("without a password", "ada@example.com", PASSWORD),
        ],
    )
    def test_refusals_are_alike_in_answer_and_cost(
        self, hasher_runs: list[str], who: str, email: str, password: str
    ) -> None:
        user = UserFactory(email="ada@example.com", is_active=who != "deactivated")
        if who == "without a password":
            User.objects.filter(id=user.id).update(password=make_password(None))
        hasher_runs.clear()
        with pytest.raises(InvalidCredentials) as refusal:
            sessions.log_in(email=email, password=password, user_agent="", now=NOW)
        assert refusal.value.detail == "No active account has this e-mail address and password."
        assert len(hasher_runs) == 1
        assert not LoginSession.objects.exists()

    def test_success_costs_one_run_of_the_hasher_too(self, hasher_runs: list[str]) -> None:
        user = UserFactory()
        hasher_runs.clear()
        log_in(user)
        assert hasher_runs == ["verify"]


class TestRefresh:
    def test_gives_a_new_pair_and_spends_the_old_token(self) -> None:
        user = UserFactory()
        first = log_in(user)
        second = refresh(first, now=after(seconds=60))
        session = LoginSession.objects.get()
        assert jti(first) != jti(second)
        assert str(session.current_jti) == jti(second)
        assert str(session.previous_jti) == jti(first)
        assert session.rotated_at == session.last_used_at == after(seconds=60)
        assert session.expires_at == after(seconds=60) + settings.REFRESH_TOKEN_LIFETIME
        assert tokens.read_bearer_token(second.access.value).id == user.id

    def test_previous_token_gets_the_current_one_for_ten_seconds(self) -> None:
        first = log_in(UserFactory())
        second = refresh(first)
        other_tab = refresh(first, now=after(seconds=10))
        assert jti(other_tab) == jti(second)
        session = LoginSession.objects.get()
        assert session.rotated_at == NOW
        assert jti(refresh(other_tab)) == str(LoginSession.objects.get().current_jti)

    def test_spent_token_ends_the_session_for_thief_and_owner(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        user = UserFactory(email="ada@example.com")
        first = log_in(user)
        second = refresh(first)
        other_session = log_in(user)
        with caplog.at_level(logging.WARNING), pytest.raises(SessionEnded):
            refresh(first, now=after(seconds=11))
        claims = tokens.read_refresh_token(first.refresh.value)
        session = LoginSession.objects.get(id=claims.session_id)
        assert session.revoked_at == after(seconds=11)
        assert caplog.messages == [
            f"Session {session.id} was revoked: a spent refresh token came back."
        ]
        with pytest.raises(SessionEnded):
            refresh(second, now=after(seconds=12))
        assert refresh(other_session, now=after(seconds=12))

    def test_token_before_the_previous_one_is_spent_at_once(self) -> None:
        first = log_in(UserFactory())
        refresh(refresh(first))
        with pytest.raises(SessionEnded):
            refresh(first)
        assert LoginSession.objects.get().revoked_at == NOW

    def test_changes_nothing_in_the_row_of_a_refused_session(self) -> None:
        issued = log_in(UserFactory())
        sessions.log_out(refresh_token=issued.refresh.value, now=NOW)
        before = LoginSession.objects.values().get()
        with pytest.raises(SessionEnded):
            refresh(issued, now=after(seconds=5))
        assert LoginSession.objects.values().get() == before

    def test_deactivated_user_is_refused(self) -> None:
        issued = log_in(UserFactory())
        User.objects.update(is_active=False)
        with pytest.raises(SessionEnded):
            refresh(issued)

    def test_deleted_user_is_refused(self) -> None:
        user = UserFactory()
        issued = log_in(user)
        user.delete()
        with pytest.raises(SessionEnded):
            refresh(issued)

    @pytest.mark.parametrize("new_password", ["another good one", PASSWORD, None])
    def test_new_password_ends_every_session(self, new_password: str | None) -> None:
        user = UserFactory()
        issued = [log_in(user), log_in(user)]
        user.set_password(new_password)
        user.save()
        for each in issued:
            with pytest.raises(SessionEnded):
                refresh(each)

    def test_expired_session_is_refused(self) -> None:
        issued = log_in(UserFactory())
        with pytest.raises(SessionEnded):
            refresh(issued, now=after(days=14))

    def test_session_that_is_used_daily_ends_all_the_same(self) -> None:
        issued = log_in(UserFactory())
        for day in range(1, 90):
            issued = refresh(issued, now=after(days=day))
        assert issued.refresh.expires_in == 24 * 3600
        with pytest.raises(SessionEnded):
            refresh(issued, now=after(days=90))

    @pytest.mark.parametrize("kind", ["access", "visitor"])
    def test_other_tokens_are_refused(self, kind: str) -> None:
        other: Callable[[], str] = {
            "access": lambda: log_in(UserFactory()).access.value,
            "visitor": lambda: tokens.visitor_token(now=NOW).value,
        }[kind]
        with pytest.raises(SessionEnded):
            sessions.refresh(refresh_token=other(), now=NOW)


class TestLogOut:
    def test_ends_this_session_and_no_other(self) -> None:
        user = UserFactory()
        here, elsewhere = log_in(user), log_in(user)
        sessions.log_out(refresh_token=here.refresh.value, now=after(seconds=1))
        with pytest.raises(SessionEnded):
            refresh(here)
        assert refresh(elsewhere)

    def test_is_done_once(self) -> None:
        issued = log_in(UserFactory())
        sessions.log_out(refresh_token=issued.refresh.value, now=after(seconds=1))
        sessions.log_out(refresh_token=issued.refresh.value, now=after(seconds=2))
        assert LoginSession.objects.get().revoked_at == after(seconds=1)

    def test_works_with_a_spent_token(self) -> None:
        issued = log_in(UserFactory())
        refresh(issued)
        sessions.log_out(refresh_token=issued.refresh.value, now=NOW)
        assert LoginSession.objects.get().revoked_at == NOW

    def test_does_nothing_with_what_is_no_refresh_token(self) -> None:
        issued = log_in(UserFactory())
        sessions.log_out(refresh_token="nonsense", now=NOW)
        sessions.log_out(refresh_token=issued.access.value, now=NOW)
        assert LoginSession.objects.get().revoked_at is None


def test_all_sessions_of_one_user_can_be_ended() -> None:
    ada, bob = UserFactory(), UserFactory()
    for user in (ada, ada, bob):
        log_in(user)
    assert sessions.revoke_all_sessions(ada, now=NOW) == 2
    assert sessions.revoke_all_sessions(ada, now=NOW) == 0
    assert bob.login_sessions.get().revoked_at is None


def test_only_expired_sessions_are_purged() -> None:
    user = UserFactory()
    log_in(user, now=datetime(2026, 1, 1, tzinfo=UTC))
    kept = log_in(user, now=datetime(2026, 1, 2, tzinfo=UTC))
    sessions.revoke_all_sessions(user, now=NOW)
    assert sessions.purge_expired_sessions(now=datetime(2026, 1, 15, tzinfo=UTC)) == 1
    remaining = LoginSession.objects.get()
    assert kept.refresh.value == tokens.refresh_token(remaining, now=remaining.created_at).value
    assert sessions.purge_expired_sessions(now=datetime(2026, 1, 15, tzinfo=UTC)) == 0
