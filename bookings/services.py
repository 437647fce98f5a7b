"""The booking engine: hold, book, confirm, cancel, modify, release what ran out.

Every use case is one serializable transaction (booking_site.db) that locks the nights in the order
of their dates, changes them by a conditional UPDATE (rooms.inventory), and writes the booking
beside them. What needs no lock is checked before.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import transaction

from booking_site.db import database_clock, run_serializable
from booking_site.money import round_to_minor_unit
from booking_site.problems import NotFound, Problem
from bookings import events, idempotency
from bookings.events import BookingEvent
from bookings.idempotency import Answer, IdempotencyKey, Json
from bookings.models import (
    Booking,
    BookingNight,
    BookingStatus,
    CancellationReason,
    ClockTimestamp,
)
from bookings.orders import BookingChange, BookingOrder, Wish, check_wish
from bookings.references import new_reference
from bookings.states import require_live, require_not_begun
from rooms import inventory
from rooms.alternatives import alternatives
from rooms.inventory import SoldOut
from rooms.models import Room
from rooms.nights import Night
from rooms.policies import CancellationTerms, cancellation_terms, local_today
from rooms.rates import NightPrice, StayRestricted, broken_restrictions, price_nights
from rooms.stays import Stay

T = TypeVar("T")


def book_room(order: BookingOrder, *, now: datetime) -> Booking:
    """Book the units for every night of the stay, or nothing.

    The booking is confirmed at once, or with `order.hold` pending until `HOLD_MINUTES` are over.

    Raises NotFound, InvalidInput, StayRestricted, Unavailable, and SoldOut with the nights that
    lack units and the nearest stays that are free.
    """
    return _book(order, now, lambda make: make())


def book_room_once(
    order: BookingOrder,
    *,
    key: IdempotencyKey,
    render: Callable[[Booking], Json],
    now: datetime,
) -> Answer:
    """Book as `book_room` does, but only once under this key: a retry gets the first answer.

    `render` makes the answer of a new booking; it is stored in the booking's transaction.

    Raises IdempotencyKeyReused and whatever `book_room` raises. Refusals are not stored.
    """

    def once(make: Callable[[], Booking]) -> Answer:
        if (earlier := idempotency.claim(key)) is not None:
            return earlier
        answer = Answer(status=201, body=render(make()), replayed=False)
        idempotency.keep(key, answer)
        return answer

    try:
        return _book(order, now, once)
    except Problem:
        # The stay may have been refused because it was booked: what was valid under this key then
        # can be in the past by now, or the room off sale.
        if (earlier := idempotency.earlier_answer(key)) is not None:
            return earlier
        raise


def confirm_booking(booking_id: UUID, *, user_id: UUID) -> Booking:
    """Turn a hold into a confirmed booking. A confirmed booking stays as it is.

    Raises NotFound, HoldExpired, BookingCancelled, Unavailable.
    """

    def confirm(booking: Booking) -> Booking:
        require_live(booking, clock=database_clock())
        if booking.status == BookingStatus.PENDING:
            booking.status = BookingStatus.CONFIRMED
            booking.hold_expires_at = None
            booking.save()
            events.record(BookingEvent.CONFIRMED, booking)
        return booking

    return _change(booking_id, user_id, confirm)


def cancel_booking(
    booking_id: UUID, *, user_id: UUID, now: datetime, by_staff: bool = False
) -> Booking:
    """Cancel a booking and put its nights back on sale. A cancelled booking stays as it is.

    The fee follows the terms that were frozen with the booking; a hold costs nothing.

    Raises NotFound, StayHasBegun, Unavailable.
    """

    def cancel(booking: Booking) -> Booking:
        if not booking.is_active:
            return booking
        require_not_begun(booking, today=local_today(booking.room.property, now))
        reason = CancellationReason.STAFF if by_staff else CancellationReason.GUEST
        _release(booking, reason=reason, fee=booking.fee_at(now), at=now)
        events.record(BookingEvent.CANCELLED, booking)
        return booking

    return _change(booking_id, user_id, cancel)


def modify_booking(
    booking_id: UUID, change: BookingChange, *, user_id: UUID, now: datetime
) -> Booking:
    """Change dates, units or guests in one transaction.

    When the new nights are not free, the old ones are kept. Nights that were booked before keep
    their price, new ones cost what they cost now. New dates bring the property's present
    cancellation terms, except that a deadline that has passed does not come back.

    Raises NotFound, InvalidInput, SoldOut, StayRestricted, HoldExpired, BookingCancelled,
    StayHasBegun, Unavailable.
    """

    def modify(booking: Booking) -> Booking:
        require_live(booking, clock=database_clock())
        require_not_begun(booking, today=local_today(booking.room.property, now))
        wish = change.applied_to(booking)
        if wish == BookingChange().applied_to(booking):
            return booking
        check_wish(booking.room, wish, now=now)
        before = events.snapshot(booking, booking.nights.order_by("date"))
        booking.guests = wish.guests
        if (wish.stay, wish.units) != (booking.stay, booking.units):
            _move(booking, wish, now)
        booking.save()
        events.record(BookingEvent.MODIFIED, booking, before=before)
        return booking

    try:
        return _change(booking_id, user_id, modify)
    except SoldOut as sold_out:
        booking = Booking.objects.select_related("room__property").get(id=booking_id)
        wish = change.applied_to(booking)
        raise _with_alternatives(sold_out, booking.room, wish, now) from None


def expire_holds() -> int:
    """Put the nights of every hold that ran out back on sale. Returns how many holds there were.

    Safe to run at any time and by several processes at once.
    """
    expired = list(Booking.objects.expired_holds().values_list("id", "room_id"))
    return sum(_expire_hold(booking_id, room_id) for booking_id, room_id in expired)


def warn_expiring_holds(*, ahead: timedelta) -> int:
    """Tell of every hold that will run out within `ahead`, once. Returns how many those were.

    Safe to run at any time and by several processes at once.
    """
    with transaction.atomic(durable=True):
        expiring = Booking.objects.expiring_holds(within=ahead).filter(expiry_warned_at=None)
        holds = list(expiring.select_for_update(skip_locked=True))
        for hold in holds:
            events.record(BookingEvent.HOLD_EXPIRING, hold)
        Booking.objects.filter(id__in=[hold.id for hold in holds]).update(
            expiry_warned_at=ClockTimestamp()
        )
    return len(holds)


def _book(order: BookingOrder, now: datetime, run: Callable[[Callable[[], Booking]], T]) -> T:
    """Check the order and let `run` make the booking in its transaction."""
    room = Room.objects.select_related("property").filter(id=order.room_id, is_active=True).first()
    if room is None:
        raise NotFound("There is no such room on sale.")
    check_wish(room, order.wish, now=now)
    try:
        return run_serializable(lambda: run(lambda: _make_booking(order, room)), room_ids=[room.id])
    except SoldOut as sold_out:
        raise _with_alternatives(sold_out, room, order.wish, now) from None


def _make_booking(order: BookingOrder, room: Room) -> Booking:
    wish = order.wish
    nights = _lock_free_nights(room, wish)
    prices = _agreed_or_published(order, room, nights)
    inventory.take_nights(room.id, wish.stay, wish.units)
    terms = cancellation_terms(room.property, wish.stay)
    hold_time = timedelta(minutes=settings.HOLD_MINUTES)
    booking = Booking.objects.create(
        reference=new_reference(),
        user_id=order.user_id,
        room=room,
        check_in=wish.stay.check_in,
        check_out=wish.stay.check_out,
        units=wish.units,
        guests=wish.guests,
        status=BookingStatus.PENDING if order.hold else BookingStatus.CONFIRMED,
        hold_expires_at=database_clock() + hold_time if order.hold else None,
        total_price=_total(prices, wish.units),
        currency=room.property.currency,
        guest_name=order.guest_name,
        note=order.note,
        free_cancellation_until=terms.free_until,
        cancellation_fee_percent=terms.fee_percent,
    )
    _write_nights(booking, prices)
    events.record(BookingEvent.HELD if order.hold else BookingEvent.CONFIRMED, booking)
    return booking


def _agreed_or_published(order: BookingOrder, room: Room, nights: list[Night]) -> list[NightPrice]:
    if order.agreed_nightly_price is None:
        return price_nights(nights, room.price_per_night)
    agreed = round_to_minor_unit(order.agreed_nightly_price, room.property.currency)
    return [NightPrice(night.date, agreed) for night in nights]


def _lock_free_nights(room: Room, wish: Wish, *, moving: UUID | None = None) -> list[Night]:
    """Lock the stay's nights and return them in order if they can be sold.

    Holds that ran out are released first where their units are needed, but not the booking that is
    `moving`: its nights were given back already. Raises SoldOut or StayRestricted.
    """
    stay, units = wish.stay, wish.units
    wanted = [*stay.dates(), stay.check_out]
    nights = inventory.lock_nights(room.id, wanted)
    if inventory.lacking_nights(nights, stay, units) and _release_expired(room, stay, moving):
        nights = inventory.lock_nights(room.id, wanted)
    if lacking := inventory.lacking_nights(nights, stay, units):
        raise SoldOut(lacking)
    if broken := broken_restrictions(nights, stay):
        raise StayRestricted(broken)
    return [nights[night] for night in stay.dates()]


def _change(booking_id: UUID, user_id: UUID, change: Callable[[Booking], Booking]) -> Booking:
    """Run `change` on the user's locked booking, in its transaction."""
    booking = Booking.objects.of(user_id).filter(id=booking_id)
    room_id = booking.values_list("room_id", flat=True).first()
    if room_id is None:
        raise NotFound("You have no such booking.")
    locked = booking.select_related("room__property").select_for_update(of=("self",))
    return run_serializable(lambda: change(locked.get()), room_ids=[room_id])


def _move(booking: Booking, wish: Wish, now: datetime) -> None:
    """Give back the booking's nights and take those of the new stay."""
    room, old, stay = booking.room, booking.stay, wish.stay
    inventory.lock_nights(room.id, {*old.dates(), *stay.dates(), stay.check_out})
    inventory.give_back_nights(room.id, old, booking.units)
    nights = _lock_free_nights(room, wish, moving=booking.id)
    inventory.take_nights(room.id, stay, wish.units)
    frozen = dict(booking.nights.values_list("date", "price"))
    prices = [
        NightPrice(night.date, frozen.get(night.date, night.price))
        for night in price_nights(nights, room.price_per_night)
    ]
    terms = _terms_after_move(booking, stay, now)
    booking.check_in, booking.check_out = stay.check_in, stay.check_out
    booking.units = wish.units
    booking.total_price = _total(prices, wish.units)
    booking.free_cancellation_until = terms.free_until
    booking.cancellation_fee_percent = terms.fee_percent
    booking.nights.all().delete()
    _write_nights(booking, prices)


def _terms_after_move(booking: Booking, stay: Stay, now: datetime) -> CancellationTerms:
    """Return the terms of the new dates, but never a new deadline for one that has passed."""
    deadline_passed = now > booking.free_cancellation_until
    if stay == booking.stay or deadline_passed:
        return booking.cancellation_terms
    return cancellation_terms(booking.room.property, stay)


def _release(booking: Booking, *, reason: CancellationReason, fee: Decimal, at: datetime) -> None:
    """Cancel a locked, active booking and put its nights back on sale."""
    inventory.lock_nights(booking.room_id, booking.stay.dates())
    inventory.give_back_nights(booking.room_id, booking.stay, booking.units)
    booking.status = BookingStatus.CANCELLED
    booking.hold_expires_at = None
    booking.cancelled_at = at
    booking.cancellation_fee = fee
    booking.cancellation_reason = reason
    booking.save()


def _expire_hold(booking_id: UUID, room_id: UUID) -> int:
    def body() -> int:
        hold = Booking.objects.expired_holds().select_for_update().filter(id=booking_id)
        return _release_holds(list(hold))

    return run_serializable(body, room_ids=[room_id])


def _release_expired(room: Room, stay: Stay, moving: UUID | None) -> int:
    """Release the room's holds that ran out and lie in the way of a stay, except the one moving.

    Who already holds the nights must not wait for a booking's lock: a hold that somebody else is
    just confirming or releasing is skipped.
    """
    expired = Booking.objects.expired_holds().overlapping(stay).filter(room=room)
    in_the_way = expired.select_for_update(skip_locked=True)
    return _release_holds([hold for hold in in_the_way if hold.id != moving])


def _release_holds(holds: list[Booking]) -> int:
    clock = database_clock()
    for hold in holds:
        _release(hold, reason=CancellationReason.HOLD_EXPIRED, fee=Decimal(0), at=clock)
        events.record(BookingEvent.HOLD_EXPIRED, hold)
    return len(holds)


def _write_nights(booking: Booking, prices: list[NightPrice]) -> None:
    booking.night_list = BookingNight.objects.bulk_create(
        BookingNight(booking=booking, date=night.date, price=night.price) for night in prices
    )


def _total(prices: list[NightPrice], units: int) -> Decimal:
    return units * sum((night.price for night in prices), Decimal(0))


def _with_alternatives(sold_out: SoldOut, room: Room, wish: Wish, now: datetime) -> SoldOut:
    """Add the nearest free stays to a refusal, read after the refused transaction is over."""
    today = local_today(room.property, now)
    offers = alternatives(room, wish.stay, guests=wish.guests, units=wish.units, today=today)
    sold_out.extra["alternatives"] = [offer.as_json() for offer in offers]
    return sold_out
