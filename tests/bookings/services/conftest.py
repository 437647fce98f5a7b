import pytest


@pytest.fixture(autouse=True)
def _the_books_balance(exact_ledger: None) -> None:
    """Whatever a use case did or refused, the ledger is exact after it."""
