"""The short name by which people speak of a booking."""

import secrets

# No letter or digit that could be taken for another one on paper or over the telephone.
_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
LENGTH = 10


def new_reference() -> str:
    """Return a random reference: 30^10 of them, so that two never meet in practice."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(LENGTH))
