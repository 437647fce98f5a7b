"""Whatever its case, an address is one address; a session is usable while nothing has ended it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.models import LoginSession, Standing, User, normalise_email, session_expiry
from tests.factories import UserFactory

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def open_session(user: User) -> LoginSession:
    return LoginSession.objects.create(
        user=user,
        password_fingerprint=user.get_session_auth_hash(),
        created_at=NOW,
        last_used_at=NOW,
        expires_at=session_expiry(created_at=NOW, now=NOW),
    )


class TestEmail:
    def test_is_kept_trimmed_and_in_lower_case(self) -> None:
        assert normalise_email(" Ada@Example.COM\n") == "ada@example.com"

    @pytest.mark.django_db
    def test_finds_its_user_in_any_case(self) -> None:
        user = UserFactory(email="Ada@Example.com")
        assert user.email == "ada@example.com"
        assert User.objects.get_by_natural_key(" ADA@example.COM ") == user

    @pytest.mark.django_db
    def test_can_not_be_taken_again_in_another_case(self) -> None:
        UserFactory(email="ada@example.com")
        with pytest.raises(IntegrityError):
            UserFactory(email="ADA@example.com")

    @pytest.mark.django_db
    def test_can_not_be_stored_in_another_form(self) -> None:
        with pytest.raises(IntegrityError, match="user_email_is_normalised"):
            User.objects.bulk_create([User(email="Ada@example.com")])

    @pytest.mark.django_db
    def test_with_letters_beyond_ascii_can_be_stored(self) -> None:
        email = normalise_email("ada@İstanbul-ΟΔΟΣ.example")
        assert User.objects.create_user(email).email == email


def test_name_has_one_line() -> None:
    with pytest.raises(ValidationError) as refusal:
        User(email="ada@example.com", full_name="Ada\r\nBcc: all").clean_fields(["password"])
    assert refusal.value.message_dict == {
        "full_name": ["Control characters and line breaks are not allowed."]
    }


@pytest.mark.django_db
class TestSession:
    def test_is_usable_until_it_expires(self) -> None:
        session = open_session(UserFactory())
        assert session.expires_at == NOW + settings.REFRESH_TOKEN_LIFETIME
        assert session.is_usable(now=session.expires_at - timedelta(microseconds=1))
        assert not session.is_usable(now=session.expires_at)

    def test_is_not_usable_once_revoked(self) -> None:
        session = open_session(UserFactory())
        session.revoked_at = NOW
        assert not session.is_usable(now=NOW)

    def test_is_not_usable_by_a_deactivated_user(self) -> None:
        session = open_session(UserFactory())
        session.user.is_active = False
        assert not session.is_usable(now=NOW)

    def test_is_not_usable_after_a_new_password_even_the_same(self) -> None:
        session = open_session(UserFactory(password="correct horse battery"))
        session.user.set_password("correct horse battery")
        assert not session.is_usable(now=NOW)

    def test_knows_the_worth_of_its_tokens(self) -> None:
        session = open_session(UserFactory())
        first = session.current_jti
        assert session.standing_of(first, now=NOW) is Standing.CURRENT
        assert session.standing_of(uuid4(), now=NOW) is Standing.SPENT

        session.rotate(now=NOW)
        assert session.standing_of(session.current_jti, now=NOW) is Standing.CURRENT
        grace_ends = NOW + timedelta(seconds=10)
        assert session.standing_of(first, now=grace_ends) is Standing.JUST_ROTATED
        just_after = grace_ends + timedelta(microseconds=1)
        assert session.standing_of(first, now=just_after) is Standing.SPENT

        session.rotate(now=NOW)
        assert session.standing_of(first, now=NOW) is Standing.SPENT

    def test_lives_on_with_use_but_not_for_ever(self) -> None:
        session = open_session(UserFactory())
        later = NOW + timedelta(days=13)
        session.rotate(now=later)
        assert session.expires_at == later + settings.REFRESH_TOKEN_LIFETIME
        at_last = NOW + settings.LOGIN_SESSION_LIFETIME - timedelta(hours=1)
        session.rotate(now=at_last)
        assert session.expires_at == NOW + settings.LOGIN_SESSION_LIFETIME

    def test_has_both_or_none_of_what_a_rotation_writes(self) -> None:
        session = open_session(UserFactory())
        session.previous_jti = uuid4()
        with pytest.raises(IntegrityError, match="login_session_rotated_at"):
            session.save()
