"""The bookings of the guest whom everybody may sign in as."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.models import User
from bookings.demo.catalogue import DemoProperty
from bookings.demo.stays import DAYS_OF_HISTORY, book, noon, sellable, set_up_on
from bookings.models import Booking
from bookings.orders import Wish
from bookings.services import cancel_booking
from rooms.models import Room
from rooms.stays import Stay


@dataclass(frozen=True, kw_only=True)
class Journey:
    """A booking in a property's first room: days are counted from the day of setting up."""

    slug: str
    day: int
    nights: int
    guests: int = 2
    units: int = 1
    hold: bool = False
    cancelled_on: int | None = None
    note: str = ""


JOURNEYS = (
    Journey(slug="demo-porto-ribeira", day=-26, nights=3),
    Journey(slug="demo-zurich-limmat", day=-17, nights=2, guests=1, note="Late arrival, about 11."),
    Journey(slug="demo-lisbon-tram-hostel", day=-9, nights=2, guests=1, cancelled_on=-9),
    Journey(slug="demo-lisbon-miradouro", day=-1, nights=4),
    Journey(
        slug="demo-reykjavik-nordurljos", day=19, nights=4, note="Is the hot pot open at night?"
    ),
    Journey(slug="demo-new-york-mercer-yard", day=33, nights=3, guests=4, units=2),
    Journey(slug="demo-cape-town-kloof", day=41, nights=5, cancelled_on=0),
    Journey(slug="demo-tokyo-kiku", day=58, nights=6),
    Journey(slug="demo-sydney-rocks", day=75, nights=4, hold=True),
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a journey can lead: a property's first room and that room's first night."""

    demo: DemoProperty
    room: Room
    first_night: date


def travel(user: User, places: Mapping[str, Place]) -> int:
    """Make the journeys that the guest still lacks, and cancel those that are to be cancelled.

    `places` are the demo properties by slug. Returns how many bookings were made.
    """
    journeys = [journey for journey in JOURNEYS if journey.slug in places]
    made = list(Booking.objects.of(user.id).order_by("created_at", "id")[: len(journeys)])
    missing = journeys[len(made) :]
    made += [_book(user, journey, places[journey.slug]) for journey in missing]
    for journey, booking in zip(journeys, made, strict=True):
        if journey.cancelled_on is not None and booking.is_active:
            place = places[journey.slug]
            day = set_up_on(place.first_night) + timedelta(days=journey.cancelled_on)
            cancel_booking(booking.id, user_id=user.id, now=noon(place.room, day))
    return len(missing)


def _book(user: User, journey: Journey, place: Place) -> Booking:
    arrival = place.first_night + timedelta(days=DAYS_OF_HISTORY + journey.day)
    wish = Wish(
        stay=sellable(place.demo.rates, Stay.of_nights(arrival, journey.nights)),
        guests=journey.guests,
        units=journey.units,
    )
    return book(
        user,
        place.room,
        wish,
        first_night=place.first_night,
        hold=journey.hold,
        note=journey.note,
    )
