"""Where a property is, in the form in which searches compare it."""

from anyascii import anyascii


def location_key(location: str) -> str:
    """Return what two spellings of one place have in common: "Zürich" and "zurich" are equal."""
    return " ".join(anyascii(location).casefold().split())
