from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from booking_site.problems import InvalidInput, NotFound
from bookings.models import Booking, BookingStatus
from bookings.services import book_room
from rooms.inventory import SoldOut
from rooms.models import Room
from rooms.rates import StayRestricted
from rooms.services import NightRate, set_rate
from rooms.stays import Stay
from tests.bookings.bookkeeping import book, free_units, let_run_out, order
from tests.factories import PropertyFactory, RoomFactory, stay_in


class TestABooking:
    def test_takes_units_from_every_night_of_the_stay_and_no_other(self, guest, room):
        stay = stay_in(10, nights=2)
        booking = book(guest, room, stay)
        assert booking.status == BookingStatus.CONFIRMED
        around = Stay(stay.shifted(-1).check_in, stay.shifted(1).check_out)
        assert free_units(room, around) == [2, 1, 1, 2]

    def test_freezes_the_price_of_every_night(self, guest, room):
        stay = stay_in(10, nights=3)
        middle = Stay.of_nights(stay.shifted(1).check_in, 1)
        set_rate(room.id, stay=middle, rate=NightRate(price=Decimal("120.50")))
        booking = book(guest, room, stay, units=2, guests=3)
        prices = [night.price for night in booking.nights.order_by("date")]
        assert prices == [Decimal("80.00"), Decimal("120.50"), Decimal("80.00")]
        assert booking.total_price == Decimal("561.00")
        assert booking.currency == "EUR"

    def test_costs_what_staff_agreed_in_the_digits_of_the_currency(self, guest, room):
        booking = book(guest, room, stay_in(10, nights=2), agreed_nightly_price=Decimal("71.005"))
        assert booking.total_price == Decimal("142.02")

    def test_freezes_the_cancellation_terms_in_the_propertys_time(self, guest):
        tokyo = PropertyFactory(
            timezone="Asia/Tokyo", free_cancellation_days=3, cancellation_fee_percent=50
        )
        booking = book(guest, RoomFactory(property=tokyo), stay_in(10))
        last_free_day = booking.check_in - timedelta(days=3)
        assert booking.free_cancellation_until == datetime(
            last_free_day.year, last_free_day.month, last_free_day.day, 6, tzinfo=UTC
        )
        assert booking.cancellation_fee_percent == 50

    def test_may_begin_on_the_propertys_today(self, guest):
        auckland = PropertyFactory(timezone="Pacific/Auckland")
        now = datetime(2027, 6, 10, 13, tzinfo=UTC)  # 01:00 on the 11th there
        room = RoomFactory(property=auckland)
        today, yesterday = date(2027, 6, 11), date(2027, 6, 10)
        assert book_room(order(guest, room, Stay.of_nights(today, 1)), now=now)
        with pytest.raises(InvalidInput) as refusal:
            book_room(order(guest, room, Stay.of_nights(yesterday, 1)), now=now)
        assert [error.field for error in refusal.value.errors] == ["check_in"]


class TestSoldOut:
    def test_one_night_without_units_refuses_the_stay_and_is_named(self, guest, room):
        stay = stay_in(10, nights=3)
        middle = Stay.of_nights(stay.shifted(1).check_in, 1)
        book(guest, room, middle, units=2)
        with pytest.raises(SoldOut) as refusal:
            book(guest, room, stay)
        assert refusal.value.nights == (middle.check_in,)
        assert free_units(room, stay) == [2, 0, 2]
        assert Booking.objects.count() == 1

    def test_fewer_units_than_wanted_is_sold_out(self, guest, room):
        stay = stay_in(10)
        book(guest, room, stay)
        with pytest.raises(SoldOut):
            book(guest, room, stay, units=2)
        assert free_units(room, stay) == [1, 1]

    def test_the_nearest_free_stays_are_offered(self, guest, room):
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
        assert [offer["total_price"] for offer in offers] == [
            "160.00",
            "160.00",
            "160.00",
            "400.00",
        ]

    def test_what_is_offered_can_be_booked(self, guest, room):
        stay = stay_in(10, nights=3)
        book(guest, room, stay, units=2)
        with pytest.raises(SoldOut) as refusal:
            book(guest, room, stay)
        for offer in refusal.value.extra["alternatives"]:
            offered = Stay(offer["check_in"], offer["check_out"])
            booking = book(guest, room, offered)
            assert str(booking.total_price.quantize(Decimal("0.01"))) == offer["total_price"]

    def test_nothing_is_offered_that_lies_in_the_past_or_is_restricted(self, guest, room):
        stay = stay_in(1, nights=1)
        book(guest, room, stay, units=2)
        set_rate(room.id, stay=stay_in(2, nights=20), rate=NightRate(closed_to_arrival=True))
        with pytest.raises(SoldOut) as refusal:
            book(guest, room, stay)
        today = stay.shifted(-1).check_in
        offered = [offer["check_in"] for offer in refusal.value.extra["alternatives"]]
        assert offered == [today]


class TestRefusals:
    @pytest.mark.parametrize(
        ("wish", "field", "code"),
        [
            ({"stay": stay_in(-2)}, "check_in", "in-the-past"),
            ({"stay": stay_in(5, nights=31)}, "check_out", "too-long"),
            ({"stay": stay_in(540, nights=2)}, "check_out", "beyond-horizon"),
            ({"stay": stay_in(5), "guests": 3}, "guests", "too-many-guests"),
            ({"stay": stay_in(5), "guests": 0}, "guests", "out-of-range"),
            ({"stay": stay_in(5), "units": 21}, "units", "out-of-range"),
            ({"stay": stay_in(5), "units": 0}, "units", "out-of-range"),
        ],
    )
    def test_a_wish_that_can_never_be_sold_names_the_field(self, guest, room, wish, field, code):
        with pytest.raises(InvalidInput) as refusal:
            book(guest, room, **wish)
        assert (field, code) in [(error.field, error.code) for error in refusal.value.errors]
        assert not Booking.objects.exists()

    def test_an_unknown_room_and_one_off_sale_are_equal(self, guest, room):
        ghost = Room(id=uuid7())
        Room.objects.filter(id=room.id).update(is_active=False)
        messages = set()
        for missing in (ghost, room):
            with pytest.raises(NotFound) as refusal:
                book(guest, missing, stay_in(5))
            messages.add(refusal.value.detail)
        assert len(messages) == 1

    @pytest.mark.parametrize(
        ("restricted", "rate", "field", "code"),
        [
            ("arrival", NightRate(min_stay=3), "check_out", "min-stay"),
            ("arrival", NightRate(closed_to_arrival=True), "check_in", "closed-to-arrival"),
            ("departure", NightRate(closed_to_departure=True), "check_out", "closed-to-departure"),
        ],
    )
    def test_a_stay_that_the_property_does_not_sell(
        self, guest, room, restricted, rate, field, code
    ):
        stay = stay_in(10, nights=2)
        night = stay.check_in if restricted == "arrival" else stay.check_out
        set_rate(room.id, stay=Stay.of_nights(night, 1), rate=rate)
        with pytest.raises(StayRestricted) as refusal:
            book(guest, room, stay)
        assert [(error.field, error.code) for error in refusal.value.errors] == [(field, code)]
        assert free_units(room, stay) == [2, 2]

    def test_restrictions_bind_only_arrival_and_departure(self, guest, room):
        stay = stay_in(10, nights=3)
        middle = Stay.of_nights(stay.shifted(1).check_in, 1)
        set_rate(
            room.id,
            stay=middle,
            rate=NightRate(min_stay=9, closed_to_arrival=True, closed_to_departure=True),
        )
        assert book(guest, room, stay).status == BookingStatus.CONFIRMED


class TestAHold:
    def test_holds_its_nights_for_some_minutes_by_the_databases_clock(self, guest, room, settings):
        settings.HOLD_MINUTES = 7
        before = timezone.now()
        hold = book(guest, room, stay_in(10), hold=True)
        assert hold.status == BookingStatus.PENDING
        assert hold.hold_expires_at is not None
        ahead = hold.hold_expires_at - before
        assert timedelta(minutes=6, seconds=50) < ahead < timedelta(minutes=7, seconds=10)
        assert free_units(room, hold.stay) == [1, 1]

    def test_that_ran_out_gives_way_to_whoever_needs_its_nights(self, guest, room):
        hold = book(guest, room, stay_in(10), hold=True, units=2)
        let_run_out(hold)
        booking = book(guest, room, stay_in(11), units=2)
        hold.refresh_from_db()
        assert (hold.status, hold.cancellation_reason) == ("cancelled", "hold_expired")
        assert free_units(room, Stay(hold.check_in, booking.check_out)) == [2, 0, 0]

    def test_that_ran_out_stays_where_nobody_needs_its_nights(self, guest, room):
        hold = book(guest, room, stay_in(10), hold=True)
        let_run_out(hold)
        book(guest, room, stay_in(10))
        hold.refresh_from_db()
        assert hold.status == BookingStatus.PENDING

    def test_that_still_runs_is_not_given_away(self, guest, room):
        hold = book(guest, room, stay_in(10), hold=True, units=2)
        with pytest.raises(SoldOut):
            book(guest, room, stay_in(10))
        hold.refresh_from_db()
        assert hold.status == BookingStatus.PENDING
