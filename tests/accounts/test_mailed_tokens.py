"""A link of a mail proves what it says, for its time, and nothing once that has changed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing
from django.utils import timezone

from accounts.mailed_tokens import (
    email_verification_token,
    password_reset_link_parts,
    user_for_email_verification,
    user_for_password_reset,
)
from accounts.models import User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LetPass = Callable[[timedelta], None]


@pytest.fixture
def let_pass(monkeypatch: pytest.MonkeyPatch) -> LetPass:
    """Let the clocks that the tokens look at go forward."""

    def forward(time: timedelta) -> None:
        later = timezone.now() + time
        naive = later.astimezone(timezone.get_default_timezone()).replace(tzinfo=None)
        monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: naive)
        monkeypatch.setattr(signing.time, "time", later.timestamp)  # type: ignore[attr-defined]

    return forward


def test_the_link_of_a_reset_names_its_user() -> None:
    user = UserFactory()
    UserFactory()
    assert user_for_password_reset(*password_reset_link_parts(user)) == user


def test_the_link_of_a_verification_names_its_user_and_hides_the_address() -> None:
    user = UserFactory(email="ada@example.com")
    token = email_verification_token(user)
    assert user_for_email_verification(token) == user
    assert "ada" not in token


@pytest.mark.parametrize(
    ("change", "reset_works", "verification_works"),
    [
        ({"email": "new@example.com"}, False, False),
        ({"password": "another hash"}, False, True),
        ({"is_active": False}, False, False),
        ({"full_name": "Ada King", "language": "de"}, True, True),
    ],
)
def test_a_link_dies_with_what_it_is_bound_to(
    change: dict[str, object], reset_works: bool, verification_works: bool
) -> None:
    user = UserFactory()
    reset, verification = password_reset_link_parts(user), email_verification_token(user)
    User.objects.update(**change)
    assert (user_for_password_reset(*reset) == user) is reset_works
    assert (user_for_email_verification(verification) == user) is verification_works


@pytest.mark.parametrize(("minutes", "works"), [(59, True), (61, False)])
def test_a_reset_works_for_an_hour(let_pass: LetPass, minutes: int, works: bool) -> None:
    parts = password_reset_link_parts(UserFactory())
    let_pass(timedelta(minutes=minutes))
    assert (user_for_password_reset(*parts) is not None) is works


@pytest.mark.parametrize(("hours", "works"), [(71, True), (73, False)])
def test_a_verification_works_for_three_days(let_pass: LetPass, hours: int, works: bool) -> None:
    token = email_verification_token(UserFactory())
    let_pass(timedelta(hours=hours))
    assert (user_for_email_verification(token) is not None) is works


def test_another_users_token_opens_nothing() -> None:
    ada, eve = UserFactory(), UserFactory()
    (adas_uid, _), (_, eves_token) = password_reset_link_parts(ada), password_reset_link_parts(eve)
    assert user_for_password_reset(adas_uid, eves_token) is None
    eves_rest = email_verification_token(eve).partition(".")[2]
    assert user_for_email_verification(f"{adas_uid}.{eves_rest}") is None


def test_a_token_is_good_for_one_purpose() -> None:
    uid, token = password_reset_link_parts(UserFactory())
    verification = email_verification_token(UserFactory())
    assert user_for_email_verification(f"{uid}.{token}") is None
    assert user_for_password_reset(*verification.split(".", 1)) is None


@pytest.mark.parametrize(
    "nonsense", ["", ".", "..", "a", "x" * 5000, "ü", "\x00", "AAAAAAAAAAAAAAAAAAAAAA"]
)
def test_nonsense_opens_nothing(nonsense: str) -> None:
    uid, token = password_reset_link_parts(UserFactory())
    assert user_for_password_reset(nonsense, token) is None
    assert user_for_password_reset(uid, nonsense) is None
    assert user_for_email_verification(nonsense) is None
    assert user_for_email_verification(f"{uid}.{nonsense}") is None


def test_every_change_of_a_letter_is_noticed() -> None:
    user = UserFactory()
    uid, token = password_reset_link_parts(user)
    verification = email_verification_token(user)
    for position in range(len(token)):
        assert user_for_password_reset(uid, _changed(token, position)) is None
    for position in range(len(verification)):
        assert user_for_email_verification(_changed(verification, position)) is None


def _changed(text: str, position: int) -> str:
    other = "B" if text[position] == "A" else "A"
    return text[:position] + other + text[position + 1 :]
