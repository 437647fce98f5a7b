"""The product does not start with settings under which tokens could be forged."""

import pytest
from django.conf import settings
from django.core.checks import run_checks


def errors() -> list[str]:
    return [str(message.id) for message in run_checks() if str(message.id).startswith("accounts")]


def test_a_long_key_and_hs256_pass() -> None:
    assert errors() == []


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("SIGNING_KEY", "k" * 32, []),
        ("SIGNING_KEY", "k" * 31, ["accounts.E001"]),
        ("SIGNING_KEY", "", ["accounts.E001"]),
        ("ALGORITHM", "none", ["accounts.E002"]),
        ("ALGORITHM", "RS256", ["accounts.E002"]),
    ],
)
def test_what_weakens_tokens_is_an_error(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, expected: list[str]
) -> None:
    monkeypatch.setitem(settings.SIMPLE_JWT, setting, value)
    assert errors() == expected
