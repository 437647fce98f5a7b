"""Whoever reads the mailbox may set a new password and verify the address, and nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.mailed_tokens import email_verification_token, password_reset_link_parts
from accounts.models import LoginSession, User
from accounts.services import mailbox, sessions
from accounts.services.mailbox import LinkExpired
from accounts.services.sessions import SessionEnded
from booking_site.models import OutboxEvent
from booking_site.problems import InvalidInput
from tests.accounts.statements import shapes
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NEW_PASSWORD = "quite another battery"


def told() -> list[tuple[str, dict[str, str | None]]]:
    return list(OutboxEvent.objects.order_by("id").values_list("type", "payload"))


def reset(link: tuple[str, str], password: str = NEW_PASSWORD, now: datetime = NOW) -> None:
    uid, token = link
    mailbox.reset_password(uid=uid, token=token, password=password, now=now)


def open_session(user: User) -> str:
    issued = sessions.log_in(email=user.email, password=PASSWORD, user_agent="", now=timezone.now())
    return issued.refresh.value


class TestAskingForANewPassword:
    def test_owes_the_owner_a_mail_without_the_means_in_it(self) -> None:
        user = UserFactory(email="ada@example.com", language="de")
        mailbox.request_password_reset(email=" ADA@example.com")
        payload = {"user_id": str(user.id), "language": "de"}
        assert told() == [("user.password_reset_requested", payload)]

    @pytest.mark.parametrize("is_active", [None, False])
    def test_owes_nobody_a_mail_where_nobody_can_sign_in(self, is_active: bool | None) -> None:
        if is_active is not None:
            UserFactory(email="ada@example.com", is_active=is_active, language="de")
        mailbox.request_password_reset(email="ada@example.com")
        payload = {"user_id": None, "language": "en"}
        assert told() == [("user.password_reset_unmatched", payload)]

    def test_costs_the_same_whether_the_address_is_known(
        self, hasher_runs: list[str], django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        UserFactory(email="known@example.com")
        UserFactory(email="gone@example.com", is_active=False)
        hasher_runs.clear()
        statements = []
        for email in ("known@example.com", "gone@example.com", "unknown@example.com"):
            with django_assert_num_queries(4) as queries:
                mailbox.request_password_reset(email=email)
            statements.append(shapes(queries))
        assert statements[0] == statements[1] == statements[2]
        assert hasher_runs == []


class TestSettingANewPassword:
    def test_sets_it_and_verifies_the_address(self) -> None:
        user, other = UserFactory(), UserFactory()
        reset(password_reset_link_parts(user))
        user.refresh_from_db()
        other.refresh_from_db()
        assert user.check_password(NEW_PASSWORD)
        assert user.email_verified_at == NOW
        assert other.check_password(PASSWORD)
        assert other.email_verified_at is None

    def test_keeps_the_date_of_an_earlier_verification(self) -> None:
        user = UserFactory(email_verified_at=NOW - timedelta(days=9))
        reset(password_reset_link_parts(user))
        user.refresh_from_db()
        assert user.email_verified_at == NOW - timedelta(days=9)

    def test_ends_every_session_of_the_user_and_no_other(self) -> None:
        user, other = UserFactory(), UserFactory()
        now = timezone.now()
        first, second, others = (open_session(who) for who in (user, user, other))
        reset(password_reset_link_parts(user), now=now)
        assert {session.revoked_at for session in LoginSession.objects.filter(user=user)} == {now}
        for refresh_token in (first, second):
            with pytest.raises(SessionEnded):
                sessions.refresh(refresh_token=refresh_token, now=now)
        assert sessions.refresh(refresh_token=others, now=now)

    def test_a_link_works_once(self) -> None:
        user = UserFactory()
        link = password_reset_link_parts(user)
        second = password_reset_link_parts(user)
        reset(link)
        for used_up in (link, second):
            with pytest.raises(LinkExpired):
                reset(used_up, password="the thief's battery")
        user.refresh_from_db()
        assert user.check_password(NEW_PASSWORD)

    def test_a_bad_password_leaves_the_link_and_the_sessions(self) -> None:
        user = UserFactory(email="ada.lovelace@example.com")
        link = password_reset_link_parts(user)
        open_session(user)
        for bad in ("12", "ada.lovelace@example", "x" * 129):
            with pytest.raises(InvalidInput):
                reset(link, password=bad)
        user.refresh_from_db()
        assert user.check_password(PASSWORD)
        assert LoginSession.objects.get().revoked_at is None
        reset(link)

    def test_a_link_that_was_tampered_with_changes_nothing(self) -> None:
        user = UserFactory()
        uid, token = password_reset_link_parts(user)
        other_uid, _ = password_reset_link_parts(UserFactory())
        before = list(User.objects.order_by("id").values())
        for link in ((other_uid, token), (uid, token[:-1] + "x"), (uid, ""), ("", token)):
            with pytest.raises(LinkExpired):
                reset(link)
        assert list(User.objects.order_by("id").values()) == before

    def test_a_refused_link_never_runs_the_hasher(self, hasher_runs: list[str]) -> None:
        with pytest.raises(LinkExpired):
            reset(("AAAAAAAAAAAAAAAAAAAAAA", "d0qwlu-d41d8cd98f00b204e9800998ecf8427e"))
        assert hasher_runs == []


class TestVerifying:
    def test_dates_the_verification_once(self) -> None:
        user, other = UserFactory(), UserFactory()
        token = email_verification_token(user)
        for later in (0, 1):
            mailbox.verify_email(token=token, now=NOW + timedelta(hours=later))
        user.refresh_from_db()
        other.refresh_from_db()
        assert (user.email_verified_at, other.email_verified_at) == (NOW, None)

    def test_a_link_to_a_former_address_is_refused(self) -> None:
        user = UserFactory()
        token = email_verification_token(user)
        User.objects.update(email="new@example.com")
        with pytest.raises(LinkExpired):
            mailbox.verify_email(token=token, now=NOW)
        assert User.objects.get().email_verified_at is None

    def test_can_be_asked_for_again(self) -> None:
        user = UserFactory(language="de")
        mailbox.request_email_verification(user)
        payload = {"user_id": str(user.id), "language": "de"}
        assert told() == [("user.email_verification_requested", payload)]

    def test_is_not_mailed_about_what_is_verified(self) -> None:
        mailbox.request_email_verification(UserFactory(email_verified_at=NOW))
        assert told() == []
