"""Staff change rooms while guests book them: never a negative count, never a lost edit."""

from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from rooms import inventory, services
from rooms.inventory import SoldOut
from rooms.models import Room, RoomAvailability, RoomBlock
from rooms.services import InventoryInUse, NightRate
from rooms.stays import Stay
from tests.bookings.bookkeeping import book, free_units
from tests.concurrency.desk import booked_units, breaks_of, cancel, room_of
from tests.concurrency.interleavings import Encounter, every_interleaving
from tests.concurrency.locks_off import without_locks_and_condition, without_row_locks
from tests.concurrency.races import race
from tests.factories import stay_in

HORIZON = 20
STAY = stay_in(10, nights=2)
RATE = NightRate(price=Decimal(70), min_stay=2)


def resize(room: Room, units: int) -> None:
    services.set_total_inventory(room.id, total_inventory=units, now=timezone.now())


def block(room: Room, units: int = 1) -> RoomBlock:
    return services.block_nights(room.id, stay=STAY, units=units, reason="painting")


def shrunk_and_booked(guest) -> Encounter:
    room = room_of(2)
    book(guest, room, STAY)
    return Encounter(room=room, one=lambda: resize(room, 1), other=lambda: book(guest, room, STAY))


def grown_and_booked(guest) -> Encounter:
    room = room_of(2)
    book(guest, room, STAY)
    return Encounter(room=room, one=lambda: resize(room, 3), other=lambda: book(guest, room, STAY))


def blocked_and_booked(guest) -> Encounter:
    room = room_of(1)
    return Encounter(room=room, one=lambda: block(room), other=lambda: book(guest, room, STAY))


def lifted_twice(guest) -> Encounter:
    room = room_of(3)
    painting = block(room)
    book(guest, room, STAY)
    lift = partial(services.lift_block, painting.id)
    return Encounter(room=room, one=lift, other=lift)


def shrunk_and_cancelled(guest) -> Encounter:
    room = room_of(2)
    booking = book(guest, room, STAY)
    return Encounter(room=room, one=lambda: resize(room, 1), other=lambda: cancel(booking))


def priced_and_booked(guest) -> Encounter:
    room = room_of(2, price_per_night=Decimal(100))
    return Encounter(
        room=room,
        one=lambda: services.set_rate(room.id, stay=STAY, rate=RATE),
        other=lambda: book(guest, room, STAY),
    )


def resized_twice(guest) -> Encounter:
    room = room_of(3)
    book(guest, room, STAY)
    return Encounter(room=room, one=lambda: resize(room, 2), other=lambda: resize(room, 5))


class TestInEveryInterleaving:
    def test_the_last_unit_is_sold_or_taken_away(self, regime, guest):
        for met in every_interleaving(lambda: shrunk_and_booked(guest)):
            assert met.errors in ([InventoryInUse], [SoldOut])
            units = 2 if met.errors == [InventoryInUse] else 1
            assert booked_units(met.room) == Room.objects.get(id=met.room.id).total_inventory
            assert booked_units(met.room) == units
            assert free_units(met.room, STAY) == [0, 0]
            assert breaks_of(met.room) == []

    def test_a_unit_is_added_and_another_one_sold(self, regime, guest):
        for met in every_interleaving(lambda: grown_and_booked(guest)):
            assert met.errors == []
            assert free_units(met.room, STAY) == [1, 1]
            assert Room.objects.get(id=met.room.id).total_inventory == 3
            assert breaks_of(met.room) == []

    def test_the_last_unit_is_sold_or_blocked(self, regime, guest):
        for met in every_interleaving(lambda: blocked_and_booked(guest)):
            assert met.errors == [SoldOut]
            blocks = RoomBlock.objects.filter(room=met.room).count()
            assert booked_units(met.room) + blocks == 1
            assert free_units(met.room, STAY) == [0, 0]
            assert breaks_of(met.room) == []

    def test_a_block_lifted_twice_is_given_back_once(self, regime, guest):
        for met in every_interleaving(lambda: lifted_twice(guest)):
            assert met.errors == []
            assert free_units(met.room, STAY) == [2, 2]
            assert breaks_of(met.room) == []

    def test_a_unit_is_cancelled_and_another_one_taken_away(self, regime, guest):
        for met in every_interleaving(lambda: shrunk_and_cancelled(guest)):
            assert met.errors == []
            assert free_units(met.room, STAY) == [1, 1]
            assert breaks_of(met.room) == []

    def test_a_guest_pays_the_old_price_or_the_new_one(self, regime, guest):
        for met in every_interleaving(lambda: priced_and_booked(guest)):
            assert met.other.result().total_price in (Decimal(200), Decimal(140))
            nights = RoomAvailability.objects.filter(room=met.room, date__in=STAY.dates())
            assert set(nights.values_list("price", "min_stay", "available_count")) == {
                (RATE.price, RATE.min_stay, 1)
            }
            assert breaks_of(met.room) == []

    def test_of_two_edits_the_later_one_stands(self, regime, guest):
        for met in every_interleaving(lambda: resized_twice(guest)):
            assert met.errors == []
            units = Room.objects.get(id=met.room.id).total_inventory
            assert units in (2, 5)
            assert free_units(met.room, STAY) == [units - 1] * 2
            assert breaks_of(met.room) == []

    def test_nights_opened_while_the_room_is_resized_have_its_units(self, regime, settings):
        for met in every_interleaving(lambda: opened_and_resized(settings)):
            assert met.errors == []
            nights = RoomAvailability.objects.filter(room=met.room)
            assert nights.count() == HORIZON + 5
            assert set(nights.values_list("total_inventory", "available_count")) == {(7, 7)}
            assert breaks_of(met.room) == []


def opened_and_resized(settings) -> Encounter:
    settings.BOOKING_HORIZON_DAYS = HORIZON
    RoomAvailability.objects.all().delete()
    Room.objects.all().delete()
    room = room_of(3)
    settings.BOOKING_HORIZON_DAYS = HORIZON + 5
    return Encounter(
        room=room,
        one=lambda: services.extend_horizon(now=timezone.now()),
        other=lambda: resize(room, 7),
    )


@pytest.mark.parametrize("prepare", [shrunk_and_booked, blocked_and_booked, grown_and_booked])
def test_control_without_locks_and_condition_some_interleaving_breaks_the_ledger(
    prepare, guest, monkeypatch, settings
):
    without_locks_and_condition(monkeypatch, settings)
    monkeypatch.setattr(inventory, "resize_nights", _write_the_difference)
    assert any(breaks_of(met.room) for met in every_interleaving(lambda: prepare(guest)))


def test_control_without_row_locks_a_block_is_lifted_twice(guest, monkeypatch, settings):
    without_row_locks(monkeypatch, settings)
    assert any(breaks_of(met.room) for met in every_interleaving(lambda: lifted_twice(guest)))


def test_control_a_rate_saved_with_the_whole_night_forgets_a_sale(guest, monkeypatch, settings):
    without_row_locks(monkeypatch, settings)
    monkeypatch.setattr(services, "set_rate", _save_whole_nights)
    assert any(breaks_of(met.room) for met in every_interleaving(lambda: priced_and_booked(guest)))


def test_control_nights_opened_with_units_that_were_read_before_differ_from_the_room(
    monkeypatch, settings
):
    without_row_locks(monkeypatch, settings)
    monkeypatch.setattr(inventory, "open_nights", _open_with_what_was_read)
    meetings = every_interleaving(lambda: opened_and_resized(settings))
    reasons = {found.reason for met in meetings for found in breaks_of(met.room)}
    assert reasons == {"inventory differs from the room's"}


@pytest.mark.usefixtures("many_connections")
def test_staff_and_guests_at_once_leave_the_books_exact(regime, guest):
    room = room_of(10)
    other_stay = STAY.shifted(1)
    outcomes = race(
        *[lambda: book(guest, room, STAY)] * 10,
        *[lambda: book(guest, room, other_stay)] * 6,
        *[lambda: block(room, 2)] * 3,
        *[lambda: resize(room, 6), lambda: resize(room, 12), lambda: resize(room, 9)],
        *[lambda: services.set_rate(room.id, stay=STAY, rate=RATE)] * 3,
    )
    refusals = {type(outcome.error) for outcome in outcomes if outcome.error is not None}
    assert refusals <= {SoldOut, InventoryInUse}
    assert min(free_units(room, Stay(STAY.check_in, other_stay.check_out))) >= 0
    assert breaks_of(room) == []
    nights = RoomAvailability.objects.filter(room=room, date__in=STAY.dates())
    assert set(nights.values_list("price", "min_stay")) == {(RATE.price, RATE.min_stay)}


def _write_the_difference(room_id, *, first_night, total_inventory):
    nights = list(RoomAvailability.objects.filter(room_id=room_id, date__gte=first_night))
    in_use = [
        night.date
        for night in nights
        if night.total_inventory - night.available_count > total_inventory
    ]
    if not in_use:
        for night in nights:
            night.available_count += total_inventory - night.total_inventory
            night.total_inventory = total_inventory
            night.save()
    return in_use


def _save_whole_nights(room_id, *, stay, rate):
    for night in RoomAvailability.objects.filter(room_id=room_id, date__in=stay.dates()):
        night.price, night.min_stay = rate.price, rate.min_stay
        night.save()


def _open_with_what_was_read(room_id, stay):
    units = Room.objects.get(id=room_id).total_inventory
    RoomAvailability.objects.bulk_create(
        [
            RoomAvailability(
                room_id=room_id, date=date, total_inventory=units, available_count=units
            )
            for date in stay.dates()
        ],
        ignore_conflicts=True,
    )
    return 0
