"""What the booking engine promises, in dictionaries: no database, no locks, nothing at once.

The state machine (test_state_machine.py) holds the engine against it. It is written from the
documentation of the use cases, not from their code, so that one mistake is not made twice.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from booking_site.money import round_to_minor_unit
from booking_site.problems import InvalidInput, NotFound, Problem
from bookings.idempotency import IdempotencyKeyReused
from bookings.states import BookingCancelled, HoldExpired, StayHasBegun
from rooms.inventory import SoldOut
from rooms.rates import StayRestricted
from rooms.services import InventoryInUse

T = TypeVar("T")

HORIZON_DAYS = 14
MAX_NIGHTS = 5
MAX_UNITS = 4


@dataclass(unsafe_hash=True)
class Refused(Exception):
    """A use case that is refused: by which problem, and what it names."""

    problem: type[Problem]
    named: tuple[Any, ...] = ()


def outcome(call: Callable[[], T]) -> T | Refused:
    """Return what the model or the engine answers, refusals in one form for both."""
    try:
        return call()
    except Refused as refused:
        return refused
    except Problem as problem:
        nights = getattr(problem, "nights", ())
        return Refused(type(problem), nights or tuple((e.field, e.code) for e in problem.errors))


@dataclass(frozen=True, kw_only=True)
class Place:
    """A room and what its property has to say."""

    room_id: UUID
    capacity: int
    price: Decimal
    timezone: str
    currency: str
    free_cancellation_days: int
    fee_percent: int

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.timezone)).date()

    def free_until(self, check_in: date) -> datetime:
        day = check_in - timedelta(days=self.free_cancellation_days)
        return datetime.combine(day, time(15), ZoneInfo(self.timezone)).astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class ANight:
    """One night of a room."""

    total: int
    free: int
    price: Decimal | None = None
    min_stay: int = 1
    closed_to_arrival: bool = False
    closed_to_departure: bool = False


@dataclass(frozen=True, kw_only=True)
class ABooking:
    """A booking, with the price of each of its nights."""

    user: UUID
    room: UUID
    check_in: date
    check_out: date
    units: int
    guests: int
    status: str
    prices: dict[date, Decimal]
    free_until: datetime
    run_out: bool = False
    reason: str = ""
    fee: Decimal | None = None

    @property
    def is_active(self) -> bool:
        return self.status != "cancelled"

    @property
    def total_price(self) -> Decimal:
        return self.units * sum(self.prices.values(), Decimal(0))


@dataclass(frozen=True, kw_only=True)
class ABlock:
    """Units that staff took out of sale."""

    room: UUID
    check_in: date
    check_out: date
    units: int


def days(check_in: date, check_out: date) -> Iterator[date]:
    for offset in range((check_out - check_in).days):
        yield check_in + timedelta(days=offset)


@dataclass
class EngineModel:
    """The state that the use cases change. Each method is a use case, or raises Refused."""

    places: dict[UUID, Place]
    now: datetime
    units: dict[UUID, int] = field(default_factory=dict)
    off_sale: set[UUID] = field(default_factory=set)
    nights: dict[tuple[UUID, date], ANight] = field(default_factory=dict)
    bookings: dict[UUID, ABooking] = field(default_factory=dict)
    blocks: dict[UUID, ABlock] = field(default_factory=dict)
    answers: dict[tuple[UUID, str], tuple[Any, UUID]] = field(default_factory=dict)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Forget what was done to nights and bookings if it ends in a refusal."""
        nights, bookings = dict(self.nights), dict(self.bookings)
        try:
            yield
        except Refused:
            self.nights, self.bookings = nights, bookings
            raise

    # -- Guests -------------------------------------------------------------------------------

    def book(
        self,
        user: UUID,
        room: UUID,
        check_in: date,
        check_out: date,
        *,
        units: int,
        guests: int,
        hold: bool,
        agreed: Decimal | None,
    ) -> ABooking:
        place = self.places[room]
        if room in self.off_sale:
            raise Refused(NotFound)
        self._check_wish(place, check_in, check_out, units, guests)
        with self.all_or_nothing():
            prices = self._free_nights(place, check_in, check_out, units)
            self._change_free(room, check_in, check_out, -units)
        if agreed is not None:
            prices = dict.fromkeys(prices, round_to_minor_unit(agreed, place.currency))
        return ABooking(
            user=user,
            room=room,
            check_in=check_in,
            check_out=check_out,
            units=units,
            guests=guests,
            status="pending" if hold else "confirmed",
            prices=prices,
            free_until=place.free_until(check_in),
        )

    def booked_under(self, user: UUID, key: str, asked: Any) -> UUID | None:
        """Return the booking that the key has made, if it has."""
        first_asked, booking = self.answers.get((user, key), (asked, None))
        if first_asked != asked:
            raise Refused(IdempotencyKeyReused)
        return booking

    def confirm(self, booking_id: UUID, user: UUID) -> ABooking:
        booking = self._own(booking_id, user)
        self._require_live(booking)
        return self._keep(booking_id, replace(booking, status="confirmed"))

    def cancel(self, booking_id: UUID, user: UUID, *, by_staff: bool) -> ABooking:
        booking = self._own(booking_id, user)
        if not booking.is_active:
            return booking
        self._require_not_begun(booking)
        place = self.places[booking.room]
        fee = Decimal(0)
        if booking.status == "confirmed" and self.now > booking.free_until:
            owed = booking.total_price * place.fee_percent / 100
            fee = round_to_minor_unit(owed, place.currency)
        return self._release(booking_id, reason="staff" if by_staff else "guest", fee=fee)

    def modify(
        self,
        booking_id: UUID,
        user: UUID,
        *,
        check_in: date | None,
        check_out: date | None,
        units: int | None,
        guests: int | None,
    ) -> ABooking:
        old = self._own(booking_id, user)
        self._require_live(old)
        self._require_not_begun(old)
        check_in = old.check_in if check_in is None else check_in
        check_out = old.check_out if check_out is None else check_out
        units = old.units if units is None else units
        guests = old.guests if guests is None else guests
        if check_in >= check_out:
            raise Refused(InvalidInput, (("check_out", "not-after-check-in"),))
        wish = (check_in, check_out, units, guests)
        if wish == (old.check_in, old.check_out, old.units, old.guests):
            return old
        place = self.places[old.room]
        self._check_wish(place, *wish)
        if wish[:3] == (old.check_in, old.check_out, old.units):
            return self._keep(booking_id, replace(old, guests=guests))
        with self.all_or_nothing():
            self._change_free(old.room, old.check_in, old.check_out, old.units)
            prices = self._free_nights(place, check_in, check_out, units, moving=booking_id)
            self._change_free(old.room, check_in, check_out, -units)
        same_dates = (check_in, check_out) == (old.check_in, old.check_out)
        keeps_terms = same_dates or self.now > old.free_until
        moved = replace(
            old,
            check_in=check_in,
            check_out=check_out,
            units=units,
            guests=guests,
            prices={night: old.prices.get(night, price) for night, price in prices.items()},
            free_until=old.free_until if keeps_terms else place.free_until(check_in),
        )
        return self._keep(booking_id, moved)

    # -- Time -----------------------------------------------------------------------------------

    def let_run_out(self, booking_id: UUID) -> None:
        self._keep(booking_id, replace(self.bookings[booking_id], run_out=True))

    def expire_holds(self) -> int:
        expired = list(self._expired_holds())
        for booking_id in expired:
            self._release(booking_id, reason="hold_expired", fee=Decimal(0))
        return len(expired)

    def extend_horizon(self) -> int:
        opened = 0
        for room, place in self.places.items():
            today = place.today(self.now)
            last = today + timedelta(days=HORIZON_DAYS)
            missing = [day for day in days(today, last) if (room, day) not in self.nights]
            for day in missing:
                self.nights[room, day] = ANight(total=self.units[room], free=self.units[room])
            opened += len(missing)
        return opened

    # -- Staff ------------------------------------------------------------------------------------

    def set_total_inventory(self, room: UUID, units: int) -> None:
        to_come = self._nights_of(room, from_=self.places[room].today(self.now))
        in_use = [day for day, night in to_come if night.total - night.free > units]
        if in_use:
            raise Refused(InventoryInUse, tuple(in_use))
        self.units[room] = units
        for day, night in to_come:
            free = night.free + units - night.total
            self.nights[room, day] = replace(night, total=units, free=free)

    def set_rate(
        self, room: UUID, check_in: date, check_out: date, weekdays: Iterable[int], **rate: Any
    ) -> int:
        chosen = [
            day
            for day in days(check_in, check_out)
            if (room, day) in self.nights and day.isoweekday() in weekdays
        ]
        for day in chosen:
            self.nights[room, day] = replace(self.nights[room, day], **rate)
        return len(chosen)

    def block(self, room: UUID, check_in: date, check_out: date, units: int) -> ABlock:
        lacking = self._lacking(room, check_in, check_out, units)
        if lacking:
            raise Refused(SoldOut, tuple(lacking))
        self._change_free(room, check_in, check_out, -units)
        return ABlock(room=room, check_in=check_in, check_out=check_out, units=units)

    def lift_block(self, block_id: UUID) -> None:
        block = self.blocks.pop(block_id, None)
        if block is not None:
            self._change_free(block.room, block.check_in, block.check_out, block.units)

    # -- What they share ------------------------------------------------------------------------

    def _own(self, booking_id: UUID, user: UUID) -> ABooking:
        booking = self.bookings[booking_id]
        if booking.user != user:
            raise Refused(NotFound)
        return booking

    def _keep(self, booking_id: UUID, booking: ABooking) -> ABooking:
        self.bookings[booking_id] = booking
        return booking

    def _release(self, booking_id: UUID, *, reason: str, fee: Decimal) -> ABooking:
        booking = self.bookings[booking_id]
        self._change_free(booking.room, booking.check_in, booking.check_out, booking.units)
        return self._keep(booking_id, replace(booking, status="cancelled", reason=reason, fee=fee))

    def _require_live(self, booking: ABooking) -> None:
        ran_out = booking.status == "pending" and booking.run_out
        if ran_out or booking.reason == "hold_expired":
            raise Refused(HoldExpired)
        if not booking.is_active:
            raise Refused(BookingCancelled)

    def _require_not_begun(self, booking: ABooking) -> None:
        if self.places[booking.room].today(self.now) > booking.check_in:
            raise Refused(StayHasBegun)

    def _check_wish(
        self, place: Place, check_in: date, check_out: date, units: int, guests: int
    ) -> None:
        today = place.today(self.now)
        wrong = []
        if check_in < today:
            wrong.append(("check_in", "in-the-past"))
        if (check_out - check_in).days > MAX_NIGHTS:
            wrong.append(("check_out", "too-long"))
        if check_out > today + timedelta(days=HORIZON_DAYS):
            wrong.append(("check_out", "beyond-horizon"))
        if not 1 <= units <= MAX_UNITS:
            wrong.append(("units", "out-of-range"))
        if guests < 1:
            wrong.append(("guests", "out-of-range"))
        elif guests > place.capacity * units:
            wrong.append(("guests", "too-many-guests"))
        if wrong:
            raise Refused(InvalidInput, tuple(wrong))

    def _free_nights(
        self,
        place: Place,
        check_in: date,
        check_out: date,
        units: int,
        moving: UUID | None = None,
    ) -> dict[date, Decimal]:
        """Return the price of each night, after holds that ran out made way if they had to."""
        room = place.room_id
        if self._lacking(room, check_in, check_out, units):
            for booking_id in list(self._expired_holds()):
                hold = self.bookings[booking_id]
                overlaps = hold.check_in < check_out and hold.check_out > check_in
                if hold.room == room and overlaps and booking_id != moving:
                    self._release(booking_id, reason="hold_expired", fee=Decimal(0))
        lacking = self._lacking(room, check_in, check_out, units)
        if lacking:
            raise Refused(SoldOut, tuple(lacking))
        broken = self.broken_restrictions(room, check_in, check_out)
        if broken:
            raise Refused(StayRestricted, tuple(broken))
        prices = {day: self.nights[room, day].price for day in days(check_in, check_out)}
        return {day: place.price if price is None else price for day, price in prices.items()}

    def broken_restrictions(
        self, room: UUID, check_in: date, check_out: date
    ) -> list[tuple[str, str]]:
        arrival = self.nights[room, check_in]
        departure = self.nights.get((room, check_out))
        broken = []
        if arrival.closed_to_arrival:
            broken.append(("check_in", "closed-to-arrival"))
        if (check_out - check_in).days < arrival.min_stay:
            broken.append(("check_out", "min-stay"))
        if departure is not None and departure.closed_to_departure:
            broken.append(("check_out", "closed-to-departure"))
        return broken

    def _expired_holds(self) -> Iterator[UUID]:
        for booking_id, booking in self.bookings.items():
            if booking.status == "pending" and booking.run_out:
                yield booking_id

    def _lacking(self, room: UUID, check_in: date, check_out: date, units: int) -> list[date]:
        return [
            day
            for day in days(check_in, check_out)
            if (room, day) not in self.nights or self.nights[room, day].free < units
        ]

    def is_free(self, room: UUID, check_in: date, check_out: date, units: int) -> bool:
        """Return whether a stay could be sold as it is."""
        return not self._lacking(room, check_in, check_out, units) and not (
            self.broken_restrictions(room, check_in, check_out)
        )

    def _change_free(self, room: UUID, check_in: date, check_out: date, by: int) -> None:
        for day in days(check_in, check_out):
            night = self.nights[room, day]
            self.nights[room, day] = replace(night, free=night.free + by)

    def _nights_of(self, room: UUID, *, from_: date) -> list[tuple[date, ANight]]:
        return sorted(
            (
                (day, night)
                for (of, day), night in self.nights.items()
                if of == room and day >= from_
            ),
            key=lambda item: item[0],
        )
