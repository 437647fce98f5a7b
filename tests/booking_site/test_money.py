from decimal import Decimal

import pytest

from booking_site.money import minor_unit, round_to_minor_unit


@pytest.mark.parametrize(
    ("currency", "unit"), [("EUR", "0.01"), ("JPY", "1"), ("KWD", "0.001"), ("USD", "0.01")]
)
def test_the_minor_unit_is_that_of_the_currency(currency: str, unit: str) -> None:
    assert minor_unit(currency) == Decimal(unit)


@pytest.mark.parametrize("code", ["", "EURO", "eu", "QQQ", "12"])
def test_an_unknown_currency_has_no_minor_unit(code: str) -> None:
    with pytest.raises(ValueError, match="is not an ISO 4217 currency code"):
        minor_unit(code)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("10", "EUR", "10.00"),
        ("10.005", "EUR", "10.01"),
        ("10.004", "EUR", "10.00"),
        ("-10.005", "EUR", "-10.01"),
        ("99.5", "JPY", "100"),
        ("1.2345", "KWD", "1.235"),
        ("0", "KWD", "0.000"),
    ],
)
def test_amounts_are_rounded_half_up_to_what_the_currency_can_express(
    amount: str, currency: str, rounded: str
) -> None:
    assert str(round_to_minor_unit(Decimal(amount), currency)) == rounded
