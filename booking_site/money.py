"""Money: a Decimal amount that always goes with its ISO 4217 currency."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel.numbers import UnknownCurrencyError, get_currency_precision, validate_currency

# Columns hold every currency exactly: up to three digits after the point (KWD), none for JPY.
MAX_DIGITS = 14
DECIMAL_PLACES = 3


@cache
def minor_unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency: 0.01 for EUR, 1 for JPY, 0.001 for KWD.

    Raises ValueError for what is not an ISO 4217 code.
    """
    try:
        validate_currency(currency)
    except UnknownCurrencyError as error:
        raise ValueError(f"{currency!r} is not an ISO 4217 currency code") from error
    return Decimal(1).scaleb(-get_currency_precision(currency))


def round_to_minor_unit(amount: Decimal, currency: str) -> Decimal:
    """Return the amount rounded half up to what the currency can express."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)
