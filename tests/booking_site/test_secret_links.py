"""An address that opens something is made of a nonce and the secret key, and of neither alone."""

from uuid import UUID, uuid4

import pytest

from booking_site.secret_links import SecretLinks

NONCE = UUID("3b1f9a52-5d5c-4b42-8f0e-0a4b3a0b9a11")


@pytest.fixture
def links() -> SecretLinks:
    return SecretLinks("tests")


def test_a_token_gives_its_nonce_back_and_is_always_the_same(links):
    assert links.nonce(links.token(NONCE)) == NONCE
    assert links.token(NONCE) == SecretLinks("tests").token(NONCE)


def test_another_nonce_has_another_token(links):
    assert links.token(uuid4()) != links.token(NONCE)


def test_a_token_needs_no_quoting_and_carries_256_bits_of_proof(links):
    nonce, _, proof = links.token(NONCE).partition(".")
    assert (len(nonce), len(proof)) == (22, 43)
    assert (nonce + proof).replace("-", "").replace("_", "").isalnum()


def test_it_takes_the_secret_key_to_make_one(links, settings):
    token = links.token(NONCE)
    settings.SECRET_KEY = "another key " * 5
    assert SecretLinks("tests").nonce(token) is None


def test_tokens_of_another_purpose_are_worth_nothing(links):
    assert SecretLinks("other tests").nonce(links.token(NONCE)) is None


def test_every_change_of_a_letter_is_noticed(links):
    token = links.token(NONCE)
    for position, letter in enumerate(token):
        other = "B" if letter == "A" else "A"
        assert links.nonce(token[:position] + other + token[position + 1 :]) is None


@pytest.mark.parametrize("nonsense", ["", ".", "a.b", "x" * 5000, "ü.ü", "\x00", str(NONCE)])
def test_nonsense_has_no_nonce(links, nonsense):
    assert links.nonce(nonsense) is None
