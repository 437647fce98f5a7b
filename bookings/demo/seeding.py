"""Bringing a database to the state that the catalogue describes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Min

from accounts.models import User
from booking_site.db import run_serializable
from bookings.demo import people
from bookings.demo.catalogue import SLUG_PREFIX, DemoProperty, load_catalogue
from bookings.demo.crowd import fill
from bookings.demo.guest import Place, travel
from bookings.demo.rates import rate_changes
from bookings.demo.stays import DAYS_OF_HISTORY
from rooms import inventory
from rooms.models import Property, Room, RoomAvailability
from rooms.policies import local_today
from rooms.services import add_room, set_rate
from rooms.stays import Stay

# What the demo's bookings ask for of the settings.
_NEEDED = {"BOOKING_HORIZON_DAYS": 150, "MAX_STAY_NIGHTS": 10, "MAX_BOOKING_UNITS": 20}


@dataclass(frozen=True, kw_only=True)
class Seeded:
    """How much was added: all zero when everything was there."""

    properties: int
    rooms: int
    rates: int
    bookings: int


def why_not() -> str | None:
    """Return why the demo should not be added to this database, None if it may be.

    Where demo properties exist they may be completed: nothing ever touches the others.
    """
    for name, least in _NEEDED.items():
        if getattr(settings, name) < least:
            return f"it needs {name} of {least} or more"
    if _demo_properties() or not Property.objects.exists():
        return None
    return "this database has properties of its own (--force adds the demo beside them)"


def seed(*, now: datetime) -> Seeded:
    """Add what is missing of the demo.

    Nights that came on sale since the last run get their rates. Whatever somebody has changed
    stays, except that a night of a demo room that has no rate gets one.
    """
    catalogue = load_catalogue()
    guest, _ = people.guest(), people.staff()
    places = _demo_properties()
    new = [demo for demo in catalogue if demo.slug not in places]
    for demo in new:
        places[demo.slug] = _add_property(demo)
    rooms = _add_missing_rooms(catalogue, places, now)
    return Seeded(
        properties=len(new),
        rooms=rooms,
        rates=_set_missing_rates(catalogue),
        bookings=_make_missing_bookings(catalogue, guest),
    )


def _demo_properties() -> dict[str, Property]:
    demo = Property.objects.filter(slug__startswith=SLUG_PREFIX)
    return {place.slug: place for place in demo}


def _demo_rooms() -> dict[str, list[Room]]:
    """Return the rooms of each demo property, by its slug, in the order of the catalogue."""
    rooms = Room.objects.filter(property__slug__startswith=SLUG_PREFIX)
    by_slug = defaultdict(list)
    for room in rooms.select_related("property").order_by("created_at", "id"):
        by_slug[room.property.slug].append(room)
    return by_slug


def _add_property(demo: DemoProperty) -> Property:
    return Property.objects.create(
        slug=demo.slug,
        name=demo.name,
        description=demo.description,
        location=demo.location,
        country=demo.country,
        address=demo.address,
        latitude=demo.latitude,
        longitude=demo.longitude,
        timezone=demo.timezone,
        currency=demo.currency,
        check_in_time=demo.check_in_time,
        check_out_time=demo.check_out_time,
        free_cancellation_days=demo.free_cancellation_days,
        cancellation_fee_percent=demo.cancellation_fee_percent,
        contact_email=f"desk@{demo.slug}.example",
    )


def _add_missing_rooms(
    catalogue: list[DemoProperty], places: dict[str, Property], now: datetime
) -> int:
    existing = _demo_rooms()
    added = 0
    for demo in catalogue:
        for room in demo.rooms[len(existing[demo.slug]) :]:
            model = Room(
                property=places[demo.slug],
                name=room.name,
                description=room.description,
                price_per_night=room.price,
                capacity=room.capacity,
                total_inventory=room.units,
                amenities=room.amenities,
            )
            _open_with_history(add_room(model, now=now - timedelta(days=DAYS_OF_HISTORY)), now)
            added += 1
    return added


def _open_with_history(room: Room, now: datetime) -> None:
    """Put the room on sale up to the horizon of today: so far it is up to that of the past."""
    today = local_today(room.property, now)
    stay = Stay.of_nights(today, settings.BOOKING_HORIZON_DAYS)
    run_serializable(lambda: inventory.open_nights(room.id, stay), room_ids=[room.id])


def _set_missing_rates(catalogue: list[DemoProperty]) -> int:
    plans = {demo.slug: demo.rates for demo in catalogue}
    unpriced: dict[UUID, list[date]] = defaultdict(list)
    nights = RoomAvailability.objects.filter(
        room__property__slug__startswith=SLUG_PREFIX, price__isnull=True
    )
    for room_id, night in nights.values_list("room_id", "date"):
        unpriced[room_id].append(night)
    rooms = Room.objects.select_related("property").filter(id__in=unpriced)
    changed = 0
    for room in rooms.filter(property__slug__in=plans):
        plan = plans[room.property.slug]
        for stay, weekdays, rate in rate_changes(plan, room.price_per_night, unpriced[room.id]):
            changed += set_rate(room.id, stay=stay, rate=rate, weekdays=weekdays)
    return changed


def _make_missing_bookings(catalogue: list[DemoProperty], guest: User) -> int:
    others = people.others()
    rooms = _demo_rooms()
    first_nights = dict(
        RoomAvailability.objects.filter(room__property__slug__startswith=SLUG_PREFIX)
        .values("room_id")
        .annotate(first=Min("date"))
        .values_list("room_id", "first")
    )
    made = 0
    places = {}
    for demo in catalogue:
        # Staff may have added rooms of their own to a demo property.
        known = rooms[demo.slug][: len(demo.rooms)]
        places[demo.slug] = Place(demo=demo, room=known[0], first_night=first_nights[known[0].id])
        for index, room in enumerate(known):
            made += fill(demo, room, index, first_night=first_nights[room.id], guests=others)
    return made + travel(guest, places)
