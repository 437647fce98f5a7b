"""How the API writes what JSON has no type for."""

from typing import Any

from rest_framework import serializers


class MoneyField(serializers.DecimalField):
    """An amount that is already rounded to its currency, as a string: "100.00" EUR, "100" JPY."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=None, decimal_places=None, **kwargs)
