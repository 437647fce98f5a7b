"""Steps that Hypothesis takes with the booking engine and with its model at once.

Each rule asks both the same and demands the same answer; after each step both hold the same nights.
"""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from accounts.models import User
from bookings import services
from bookings.idempotency import IdempotencyKey, fingerprint
from bookings.ledger import check_ledger
from bookings.models import Booking, BookingNight
from bookings.orders import BookingChange, BookingOrder, Wish
from rooms import services as staff
from rooms.models import Property, Room, RoomAvailability
from rooms.services import NightRate
from rooms.stays import Stay
from tests.bookings.engine_model import (
    HORIZON_DAYS,
    MAX_NIGHTS,
    MAX_UNITS,
    ABooking,
    ANight,
    EngineModel,
    Place,
    Refused,
    outcome,
)

# How long before today a history begins: by its end, all that it sold may lie in the past.
DAYS_BEFORE = 6

ROOMS = 2
GUESTS = 3

a_guest = st.integers(0, GUESTS - 1)
owner_or_any_guest = st.sampled_from([None, None, None, *range(GUESTS)])
a_room = st.integers(0, ROOMS - 1)
rates = st.none() | st.sampled_from([Decimal(0), Decimal("49.995"), Decimal("120.5")])

# What can mostly be sold, so that guests get into each other's way ...
soon = st.integers(0, 5)
short = st.sampled_from([1, 1, 2, 2, 3, MAX_NIGHTS])
few_units = st.sampled_from([1, 1, 1, 2])
few_guests = st.sampled_from([1, 1, 1, 2])

# ... and what mostly can't.
any_day = st.integers(-2, HORIZON_DAYS + 2)
any_length = st.integers(1, MAX_NIGHTS + 1)
any_units = st.integers(0, MAX_UNITS + 1)
any_guests = st.sampled_from([0, 1, 2, 4, 17])


class BookingEngine(RuleBasedStateMachine):
    """Every use case that changes nights, on three rooms, for three guests."""

    properties: list[Property]
    guests: list[User]
    steps = 0

    bookings = Bundle("bookings")
    blocks = Bundle("blocks")
    keys = Bundle("keys")

    @initialize(
        units=st.tuples(*[st.integers(1, 2)] * ROOMS),
        capacities=st.permutations([1, 2, 4]),
        places=st.permutations(range(3)),
    )
    def open_rooms(self, units: tuple[int, ...], capacities: list[int], places: list[int]) -> None:
        now = timezone.now() - timedelta(days=DAYS_BEFORE)
        self.rooms = [
            staff.add_room(
                Room(
                    property=self.properties[places[number]],
                    name="Room",
                    price_per_night=Decimal(80),
                    capacity=capacities[number],
                    total_inventory=units[number],
                ),
                now=now,
            )
            for number in range(ROOMS)
        ]
        self.model = EngineModel(places={room.id: _place(room) for room in self.rooms}, now=now)
        self.model.units = {room.id: room.total_inventory for room in self.rooms}
        self.model.extend_horizon()

    # -- Guests -------------------------------------------------------------------------------

    @rule(
        target=bookings,
        guest=a_guest,
        room=a_room,
        offset=soon,
        length=short,
        units=few_units,
        party=few_guests,
        hold=st.booleans(),
        agreed=rates,
    )
    def book(self, **asked: Any) -> Any:
        return self._book(self._order(**asked))

    @rule(
        target=bookings,
        guest=a_guest,
        room=a_room,
        offset=any_day,
        length=any_length,
        units=any_units,
        party=any_guests,
    )
    def book_oddly(self, **asked: Any) -> Any:
        return self._book(self._order(**asked))

    @rule(
        target=keys,
        guest=a_guest,
        room=a_room,
        offset=soon,
        length=short,
        units=few_units,
        party=few_guests,
        key=st.sampled_from("abc"),
    )
    def book_once(self, key: str, **asked: Any) -> Any:
        order = self._order(**asked)
        self._book_once(order, key)
        return order, key

    @rule(sent=keys)
    def send_again(self, sent: tuple[BookingOrder, str]) -> None:
        self._book_once(*sent)

    @rule(booking=bookings, guest=owner_or_any_guest)
    def confirm(self, booking: UUID, guest: int | None) -> None:
        user = self._owner_or(booking, guest)
        self._agree(
            lambda: services.confirm_booking(booking, user_id=user),
            lambda: self.model.confirm(booking, user),
        )

    @rule(booking=bookings, guest=owner_or_any_guest, by_staff=st.booleans())
    def cancel(self, booking: UUID, guest: int | None, by_staff: bool) -> None:
        user, now = self._owner_or(booking, guest), self.model.now
        self._agree(
            lambda: services.cancel_booking(booking, user_id=user, now=now, by_staff=by_staff),
            lambda: self.model.cancel(booking, user, by_staff=by_staff),
        )

    @rule(booking=bookings, days=st.integers(-2, 2), longer=st.integers(-1, 1))
    def move(self, booking: UUID, days: int, longer: int) -> None:
        old = self.model.bookings[booking]
        check_in = old.check_in + timedelta(days=days)
        check_out = old.check_out + timedelta(days=days + longer)
        self._modify(booking, check_in=check_in, check_out=check_out)

    @rule(booking=bookings, units=st.none() | few_units, party=st.none() | few_guests)
    def enlarge(self, booking: UUID, units: int | None, party: int | None) -> None:
        self._modify(booking, units=units, guests=party)

    @rule(
        booking=bookings,
        guest=owner_or_any_guest,
        from_=st.none() | any_day,
        to=st.none() | any_day,
        units=st.none() | any_units,
        party=st.none() | any_guests,
    )
    def modify_oddly(
        self,
        booking: UUID,
        guest: int | None,
        from_: int | None,
        to: int | None,
        units: int | None,
        party: int | None,
    ) -> None:
        self._modify(
            booking,
            guest,
            check_in=None if from_ is None else self._day(from_),
            check_out=None if to is None else self._day(to),
            units=units,
            guests=party,
        )

    # -- Time -----------------------------------------------------------------------------------

    @rule(booking=bookings)
    def let_run_out(self, booking: UUID) -> None:
        if self.model.bookings[booking].status == "pending":
            Booking.objects.filter(id=booking).update(hold_expires_at=Now())
            self.model.let_run_out(booking)

    @rule()
    def expire_holds(self) -> None:
        assert services.expire_holds() == self.model.expire_holds()

    @rule(hours=st.integers(1, 30))
    def let_time_pass(self, hours: int) -> None:
        self.model.now = min(self.model.now + timedelta(hours=hours), timezone.now())

    @rule()
    def extend_horizon(self) -> None:
        assert staff.extend_horizon(now=self.model.now) == self.model.extend_horizon()

    # -- Staff ------------------------------------------------------------------------------------

    @rule(target=blocks, room=a_room, offset=any_day, length=short, units=few_units)
    def block(self, room: int, offset: int, length: int, units: int) -> Any:
        room_id, stay = self.rooms[room].id, self._stay(offset, length)
        got = outcome(
            lambda: staff.block_nights(room_id, stay=stay, units=units, reason="painting")
        )
        expected = outcome(lambda: self.model.block(room_id, stay.check_in, stay.check_out, units))
        if isinstance(expected, Refused):
            assert got == expected
            return multiple()
        assert not isinstance(got, Refused), got
        self.model.blocks[got.id] = expected
        return got.id

    @rule(block=blocks)
    def lift_block(self, block: UUID) -> None:
        staff.lift_block(block)
        self.model.lift_block(block)

    @rule(room=a_room, units=st.integers(1, 3))
    def set_total_inventory(self, room: int, units: int) -> None:
        room_id, now = self.rooms[room].id, self.model.now
        got = outcome(lambda: staff.set_total_inventory(room_id, total_inventory=units, now=now))
        assert got == outcome(lambda: self.model.set_total_inventory(room_id, units))

    @rule(
        room=a_room,
        offset=soon,
        length=any_length,
        weekdays=st.sampled_from([range(1, 8), (5, 6), (1, 2, 3)]),
        rate=st.fixed_dictionaries(
            {
                "price": rates,
                "min_stay": st.sampled_from([1, 1, 2, 3]),
                "closed_to_arrival": st.sampled_from([False, False, True]),
                "closed_to_departure": st.sampled_from([False, False, True]),
            }
        ),
    )
    def set_rate(
        self, room: int, offset: int, length: int, weekdays: Any, rate: dict[str, Any]
    ) -> None:
        room_id, stay = self.rooms[room].id, self._stay(offset, length)
        got = staff.set_rate(room_id, stay=stay, rate=NightRate(**rate), weekdays=weekdays)
        dates = (stay.check_in, stay.check_out)
        assert got == self.model.set_rate(room_id, *dates, weekdays, **rate)

    @rule(room=a_room)
    def take_off_sale_or_back(self, room: int) -> None:
        room_id = self.rooms[room].id
        self.model.off_sale ^= {room_id}
        is_active = room_id not in self.model.off_sale
        Room.objects.filter(id=room_id).update(is_active=is_active)

    # -- What always holds ------------------------------------------------------------------------

    @invariant()
    def count(self) -> None:
        BookingEngine.steps += 1

    @invariant()
    def the_ledger_is_exact(self) -> None:
        assert check_ledger().breaks == []

    @invariant()
    def nights_are_those_of_the_model(self) -> None:
        columns = ("price", "min_stay", "closed_to_arrival", "closed_to_departure")
        rows = RoomAvailability.objects.values_list(
            "room_id", "date", "total_inventory", "available_count", *columns
        )
        nights = {
            (room, day): ANight(total=total, free=free, **dict(zip(columns, rate, strict=True)))
            for room, day, total, free, *rate in rows
        }
        assert nights == self.model.nights

    def teardown(self) -> None:
        """Compare every booking ever made, and leave the tables empty for the next history."""
        try:
            if not hasattr(self, "model"):
                return
            for booking_id, expected in self.model.bookings.items():
                assert _as_model(Booking.objects.get(id=booking_id), expected) == expected
            assert Booking.objects.count() == len(self.model.bookings)
        finally:
            _empty_tables()

    # -- In between -----------------------------------------------------------------------------

    def _day(self, offset: int) -> date:
        return self.model.now.date() + timedelta(days=offset)

    def _stay(self, offset: int, length: int) -> Stay:
        return Stay.of_nights(self._day(offset), length)

    def _order(
        self,
        *,
        guest: int,
        room: int,
        offset: int,
        length: int,
        units: int,
        party: int,
        hold: bool = False,
        agreed: Decimal | None = None,
    ) -> BookingOrder:
        wish = Wish(stay=self._stay(offset, length), guests=party, units=units)
        return BookingOrder(
            user_id=self.guests[guest].id,
            room_id=self.rooms[room].id,
            wish=wish,
            hold=hold,
            agreed_nightly_price=agreed,
        )

    def _owner_or(self, booking: UUID, guest: int | None) -> UUID:
        return self.model.bookings[booking].user if guest is None else self.guests[guest].id

    def _expected(self, order: BookingOrder) -> ABooking:
        wish = order.wish
        return self.model.book(
            order.user_id,
            order.room_id,
            wish.stay.check_in,
            wish.stay.check_out,
            units=wish.units,
            guests=wish.guests,
            hold=order.hold,
            agreed=order.agreed_nightly_price,
        )

    def _book(self, order: BookingOrder) -> Any:
        got = outcome(lambda: services.book_room(order, now=self.model.now))
        expected = outcome(lambda: self._expected(order))
        if isinstance(expected, Refused):
            assert got == expected
            return multiple()
        assert not isinstance(got, Refused), got
        self.model.bookings[got.id] = expected
        return got.id

    def _book_once(self, order: BookingOrder, key: str) -> None:
        named = IdempotencyKey(
            user_id=order.user_id, key=key, fingerprint=fingerprint({"asked": str(order)})
        )
        got = outcome(
            lambda: services.book_room_once(
                order, key=named, render=lambda new: {"id": str(new.id)}, now=self.model.now
            )
        )
        earlier = outcome(lambda: self.model.booked_under(order.user_id, key, order))
        expected = outcome(lambda: self._expected(order)) if earlier is None else earlier
        if isinstance(expected, Refused):
            assert got == expected
            return
        assert not isinstance(got, Refused), got
        booking_id = UUID(got.body["id"])
        assert got.replayed is (earlier is not None)
        if earlier is None:
            self.model.bookings[booking_id] = expected
            self.model.answers[order.user_id, key] = (order, booking_id)
        else:
            assert booking_id == earlier

    def _modify(
        self,
        booking: UUID,
        guest: int | None = None,
        *,
        check_in: date | None = None,
        check_out: date | None = None,
        units: int | None = None,
        guests: int | None = None,
    ) -> None:
        change = BookingChange(check_in=check_in, check_out=check_out, units=units, guests=guests)
        user, now = self._owner_or(booking, guest), self.model.now
        self._agree(
            lambda: services.modify_booking(booking, change, user_id=user, now=now),
            lambda: self.model.modify(booking, user, **asdict(change)),
        )

    def _agree(self, engine: Callable[[], Booking], model: Callable[[], ABooking]) -> None:
        got, expected = outcome(engine), outcome(model)
        if isinstance(expected, Refused) or isinstance(got, Refused):
            assert got == expected
        else:
            assert _as_model(got, expected) == expected


def _place(room: Room) -> Place:
    place = room.property
    return Place(
        room_id=room.id,
        capacity=room.capacity,
        price=room.price_per_night,
        timezone=place.timezone,
        currency=place.currency,
        free_cancellation_days=place.free_cancellation_days,
        fee_percent=place.cancellation_fee_percent,
    )


def _as_model(booking: Booking, expected: ABooking) -> ABooking:
    nights = BookingNight.objects.filter(booking=booking).values_list("date", "price")
    seen = ABooking(
        user=booking.user_id,
        room=booking.room_id,
        check_in=booking.check_in,
        check_out=booking.check_out,
        units=booking.units,
        guests=booking.guests,
        status=str(booking.status),
        prices=dict(nights),
        free_until=booking.free_cancellation_until,
        run_out=expected.run_out,
        reason=str(booking.cancellation_reason),
        fee=booking.cancellation_fee,
    )
    assert seen.total_price == booking.total_price
    return seen


def _empty_tables() -> None:
    tables = (
        "bookings_bookingnight",
        "bookings_idempotencyrecord",
        "bookings_booking",
        "booking_site_outboxevent",
        "rooms_roomblock",
        "rooms_roomavailability",
        "rooms_room",
    )
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"DELETE FROM {table}" for table in tables))
