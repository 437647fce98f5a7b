"""How the API writes what JSON has no type for."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class MoneyField(serializers.DecimalField):
    """An amount that is already rounded to its currency, as a string: "100.00" EUR, "100" JPY."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=None, decimal_places=None, **kwargs)


@extend_schema_field({"type": "string", "pattern": r"^\d\d:\d\d$", "examples": ["15:00"]})
class LocalTimeField(serializers.TimeField):
    """A time of the property's clock. Not JSON Schema's `time`, which has an offset from UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)
