"""The booking engine: what each use case does to bookings, nights and the ledger."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unittest import mock

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from booking_site.problems import InvalidInput, NotFound
from bookings.models import Booking, BookingStatus, CancellationReason
from bookings.orders import BookingChange, BookingOrder, Wish
from bookings.services import (
    book_room,
    cancel_booking,
    confirm_booking,
    expire_holds,
    modify_booking,
)
from bookings.states import BookingCancelled, HoldExpired, StayHasBegun
from rooms.inventory import SoldOut
from rooms.models import Room, RoomAvailability
from rooms.rates import StayRestricted
from rooms.services import NightRate, set_rate
from rooms.stays import Stay
from tests.factories import PropertyFactory, RoomFactory, UserFactory, stay_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def guest() -> User:
    return UserFactory()


@pytest.fixture
def room() -> Room:
    return RoomFactory(total_inventory=2, capacity=2, price_per_night=Decimal("80.00"))


def order(user: User, room: Room, stay: Stay, *, guests: int = 1, units: int = 1, **rest) -> BookingOrder:
    wish = Wish(stay=stay, guests=guests, units=units)
    return BookingOrder(user_id=user.id, room_id=room.id, wish=wish, **rest)


def book(user: User, room: Room, stay: Stay, **rest) -> Booking:
    return book_room(order(user, room, stay, **rest), now=timezone.now())


def free_units(room: Room, stay: Stay) -> list[int]:
    nights = RoomAvailability.objects.filter(room=room, date__gte=stay.check_in, date__lt=stay.check_out)
    return list(nights.order_by("date").values_list("available_count", flat=True))


def let_run_out(booking: Booking) -> None:
    Booking.objects.filter(id=booking.id).update(
        hold_expires_at=timezone.now() - timedelta(seconds=1)
    )


class TestBookRoom:
    def test_takes_units_from_every_night_of_the_stay_and_no_other(self, guest, room):
        stay = stay_in(10, nights=2)
        booking = book(guest, room, stay)
        assert booking.status == BookingStatus.CONFIRMED
        assert free_units(room, Stay(stay.shifted(-1).check_in, stay.shifted(1).check_out)) == [2, 1, 1, 2]

    def test_freezes_the_price_of_every_night(self, guest, room):
        stay = stay_in(10, nights=3)
        middle = Stay.of_nights(stay.shifted(1).check_in, 1)
        set_rate(room.id, stay=middle, rate=NightRate(price=Decimal("120.50")))
        booking = book(guest, room, stay, units=2, guests=3)
        assert [night.price for night in booking.nights.order_by("date")] == [
            Decimal("80.00"),
            Decimal("120.50"),
            Decimal("80.00"),
        ]
        assert booking.total_price == Decimal("561.00")
        assert booking.currency == "EUR"

    def test_refuses_a_stay_with_one_sold_out_night_and_names_it(self, guest, room):
        stay = stay_in(10, nights=3)
        taken = Stay.of_nights(stay.shifted(1).check_in, 1)
        book(guest, room, taken, units=2)
        with pytest.raises(SoldOut) as refusal:
            book(guest, room, stay)
        assert refusal.value.nights == (taken.check_in,)
        assert free_units(room, stay) == [2, 0, 2]
        assert Booking.objects.count() == 1

    def test_offers_the_nearest_free_stays_when_sold_out(self, guest, room):
        stay = stay_in(10, nights=2)
        book(guest, room, stay, units=2)
        neighbour = RoomFactory(property=room.property, name="Suite", price_per_night=200)
        with pytest.raises(SoldOut) as refusal:
            book(guest, room, stay)
        offers = refusal.value.extra["alternatives"]
        assert [(offer["room_id"], offer["check_in"]) for offer in offers] == [
            (str(room.id), stay.shifted(2).check_in),
            (str(room.id), stay.shifted(-2).check_in),
            (str(room.id), stay.shifted(3).check_in),
            (str(neighbour.id), stay.check_in),
        ]
        assert offers[0]["total_price"] == "160.00"
        assert offers[3]["total_price"] == "400.00"
