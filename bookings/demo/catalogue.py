"""The demo properties, read from the files in `properties/`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import Any

SLUG_PREFIX = "demo-"

PROPERTIES = Path(__file__).parent / "properties"


@dataclass(frozen=True, kw_only=True)
class RatePlan:
    """How a property's rates move through the year.

    `high` and `low` are months. Rates are multiples of `step`. Nights that begin on a `weekend` day
    (ISO weekdays) cost `weekend_percent` more. `min_stay` are nights, by season or `high_weekend`,
    or for `any` night; nobody arrives on a weekday of `closed_to_arrival`.
    """

    step: Decimal
    high: tuple[int, ...]
    low: tuple[int, ...]
    weekend_percent: int
    weekend: tuple[int, ...] = (5, 6)
    min_stay: Mapping[str, int] = field(default_factory=dict)
    closed_to_arrival: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DemoRoom:
    """A room type: `price` per night of the middle season, `units` of its kind."""

    name: str
    description: str
    price: Decimal
    capacity: int
    units: int
    amenities: list[str]


@dataclass(frozen=True, kw_only=True)
class DemoProperty:
    """A property with its rooms; the fields have the meaning of those of `rooms.models.Property`.

    `slug` begins with `demo-`: that is what tells a demo property from a real one.
    """

    slug: str
    name: str
    description: str
    location: str
    country: str
    address: str
    latitude: float
    longitude: float
    timezone: str
    currency: str
    free_cancellation_days: int
    cancellation_fee_percent: int
    rates: RatePlan
    rooms: tuple[DemoRoom, ...]
    check_in_time: time = time(15)
    check_out_time: time = time(11)


def load_catalogue() -> list[DemoProperty]:
    """Return the demo properties in the order of their slugs."""
    return [_property(path) for path in sorted(PROPERTIES.glob("*.toml"))]


def _property(path: Path) -> DemoProperty:
    table = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    rates, rooms = table.pop("rates"), table.pop("rooms")
    return DemoProperty(
        slug=SLUG_PREFIX + path.stem,
        latitude=float(table.pop("latitude")),
        longitude=float(table.pop("longitude")),
        rates=RatePlan(**{**rates, "step": Decimal(rates["step"])}),
        rooms=tuple(_room(room) for room in rooms),
        **table,
    )


def _room(table: dict[str, Any]) -> DemoRoom:
    return DemoRoom(**{**table, "price": Decimal(table["price"])})
