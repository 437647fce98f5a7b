"""Fields of the bookings API."""

from operator import attrgetter
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from booking_site.money import round_to_minor_unit


@extend_schema_field({"type": "string", "format": "decimal", "examples": ["100.00"]})
class AmountField(serializers.Field[Any, Any, str, Any]):
    """An amount as a string with the digits of its currency: "100.00" EUR, "100" JPY.

    `amount` and `currency` are the paths of both on the object that is shown.
    """

    def __init__(self, *, amount: str, currency: str, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)
        self._amount, self._currency = attrgetter(amount), attrgetter(currency)

    def to_representation(self, value: Any) -> str | None:  # type: ignore[override]
        """Return the amount, or None where there is none."""
        amount = self._amount(value)
        return None if amount is None else str(round_to_minor_unit(amount, self._currency(value)))
