"""What a password must be like, at every door."""

import pytest

from accounts.models import User
from accounts.passwords import require_good_password
from booking_site.problems import InvalidInput

ADA = User(email="ada.lovelace@example.com", full_name="Augusta Byron")


def codes_for(password: str) -> list[str]:
    with pytest.raises(InvalidInput) as refusal:
        require_good_password(password, user=ADA)
    assert {error.field for error in refusal.value.errors} == {"password"}
    return [error.code for error in refusal.value.errors]


def test_good_password_passes() -> None:
    require_good_password("x" * 127 + "y", user=ADA)


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("ada.lovelace", ["password-too-similar"]),
        ("augusta byron", ["password-too-similar"]),
        ("7gh&k", ["password-too-short"]),
        ("password123", ["password-too-common"]),
        ("846203750193", ["password-entirely-numeric"]),
        ("x" * 128 + "y", ["password-too-long"]),
        ("12345", ["password-too-short", "password-too-common", "password-entirely-numeric"]),
    ],
)
def test_every_broken_rule_is_named(password: str, codes: list[str]) -> None:
    assert codes_for(password) == codes
