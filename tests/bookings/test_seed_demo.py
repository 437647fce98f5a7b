"""The demo: what it adds, that a second run adds nothing, and that a killed run is completed."""

import json
import shutil
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from booking_site.money import round_to_minor_unit
from bookings.demo import catalogue
from bookings.demo.catalogue import load_catalogue
from bookings.demo.crowd import crowd
from bookings.demo.guest import JOURNEYS
from bookings.demo.rates import rate_changes
from bookings.demo.seeding import Seeded, seed
from bookings.ledger import check_ledger
from bookings.models import Booking, BookingStatus
from rooms.models import Property, Room, RoomAvailability, RoomBlock
from rooms.services import NightRate, extend_horizon, set_rate
from rooms.stays import Stay
from tests.bookings.interruption import die_after
from tests.factories import PropertyFactory, RoomFactory

FIRST_MONDAY_OF_JULY = date(2026, 7, 6)
NOTHING = Seeded(properties=0, rooms=0, rates=0, bookings=0)


@pytest.fixture(autouse=True)
def short_horizon(settings: Settings, tmp_path: Path) -> None:
    settings.BOOKING_HORIZON_DAYS = 150
    settings.DATA_DIR = tmp_path / "var"


@pytest.fixture
def four_properties(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue that is added faster than the whole one."""
    for name in ("lisbon-miradouro", "lisbon-tram-hostel", "cape-town-kloof", "sydney-rocks"):
        shutil.copy(catalogue.PROPERTIES / f"{name}.toml", tmp_path)
    monkeypatch.setattr(catalogue, "PROPERTIES", tmp_path)


def run(**options: object) -> str:
    output = StringIO()
    call_command("seed_demo", stdout=output, **options)
    return output.getvalue()


def planned_bookings() -> int:
    others = sum(
        len(crowd(f"{demo.slug}/{index}", room.units))
        for demo in load_catalogue()
        for index, room in enumerate(demo.rooms)
        if index > 0
    )
    slugs = {demo.slug for demo in load_catalogue()}
    return others + sum(journey.slug in slugs for journey in JOURNEYS)


@pytest.mark.django_db(transaction=True)
class TestWholeCatalogue:
    def test_is_added_with_rates_bookings_and_blocks(self, settings: Settings) -> None:
        assert run().startswith("Added 15 properties, 66 rooms, ")

        assert Property.objects.count() == 15
        assert Room.objects.count() == 66
        assert not RoomAvailability.objects.filter(price=None).exists()
        assert Booking.objects.count() == planned_bookings()
        assert RoomBlock.objects.count() == 15
        assert check_ledger().breaks == []
        logins = json.loads((settings.DATA_DIR / "demo_logins.json").read_text())
        assert [login["role"] for login in logins] == ["guest", "staff"]
        for login in logins:
            user = User.objects.get(email=login["email"])
            assert user.check_password(login["password"])
            assert user.is_staff == user.is_superuser == (login["role"] == "staff")
        guest = User.objects.get(email="guest@example.com")
        assert set(Booking.objects.of(guest.id).values_list("status", flat=True)) == set(
            BookingStatus.values
        )
        to_come = RoomAvailability.objects.filter(date__gt=timezone.now())
        assert to_come.filter(available_count=0).exists()
        assert to_come.filter(available_count=1, total_inventory__gt=1).exists()

        assert run() == "The demo hotels are complete.\n"
        assert Booking.objects.count() == planned_bookings()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("four_properties")
class TestLaterRuns:
    def test_complete_what_a_killed_run_has_begun(self) -> None:
        now = timezone.now()
        for queries in (30, 100, 300, 400, 400):
            with pytest.raises(KeyboardInterrupt), connection.execute_wrapper(die_after(queries)):
                seed(now=now)

        seed(now=now + timedelta(days=1))

        assert Room.objects.count() == 18
        assert Booking.objects.count() == planned_bookings()
        assert Booking.objects.filter(status=BookingStatus.CANCELLED).count() == 2
        assert RoomBlock.objects.count() == 4
        assert check_ledger().breaks == []
        assert seed(now=now + timedelta(days=1)) == NOTHING

    def test_price_nights_that_came_on_sale_and_keep_a_rate_that_staff_set(self) -> None:
        now = timezone.now()
        seed(now=now)
        room = Room.objects.order_by("created_at", "id")[0]
        tomorrow = Stay.of_nights(now.date() + timedelta(days=1), 1)
        set_rate(room.id, stay=tomorrow, rate=NightRate(price=Decimal(7)))
        opened = extend_horizon(now=now + timedelta(days=2))

        seeded = seed(now=now + timedelta(days=2))

        assert opened >= 18
        assert seeded == Seeded(properties=0, rooms=0, rates=opened, bookings=0)
        assert room.nights.get(date=tomorrow.check_in).price == Decimal(7)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("four_properties")
class TestRealData:
    def test_stays_out_of_a_database_with_properties_of_its_own(self, settings: Settings) -> None:
        RoomFactory()

        assert run() == (
            "No demo hotels were added: this database has properties of its own "
            "(--force adds the demo beside them).\n"
        )

        assert Property.objects.count() == 1
        assert not User.objects.exists()
        assert not settings.DATA_DIR.exists()

    def test_force_adds_the_demo_and_leaves_the_others_alone(self) -> None:
        room = RoomFactory()
        nights = list(room.nights.order_by("date").values())

        run(force=True)

        assert Property.objects.count() == 5
        assert list(room.nights.order_by("date").values()) == nights
        assert not room.bookings.exists()

    def test_a_real_property_beside_the_demo_does_not_keep_it_from_being_completed(self) -> None:
        run()
        PropertyFactory()

        assert run() == "The demo hotels are complete.\n"

    def test_says_which_setting_is_too_small(self, settings: Settings) -> None:
        settings.MAX_STAY_NIGHTS = 3

        assert run() == "No demo hotels were added: it needs MAX_STAY_NIGHTS of 10 or more.\n"

        assert not Property.objects.exists()


class TestCatalogue:
    def test_is_valid_and_gives_searches_a_choice(self) -> None:
        demos = load_catalogue()

        for demo in demos:
            place = Property(
                **{
                    name: value
                    for name, value in vars(demo).items()
                    if name not in {"rates", "rooms"}
                }
            )
            place.clean_fields()
            for room in demo.rooms:
                Room(
                    property=place,
                    name=room.name,
                    description=room.description,
                    price_per_night=room.price,
                    capacity=room.capacity,
                    total_inventory=room.units,
                    amenities=room.amenities,
                ).clean_fields(exclude=["property", "location", "location_key"])
                assert room.price == round_to_minor_unit(room.price, demo.currency)
                assert room.price % demo.rates.step == 0
        cities = [demo.location for demo in demos]
        assert len(set(cities)) == 11
        assert sorted({city for city in cities if cities.count(city) > 1}) == [
            "Lisbon",
            "New York",
            "Tokyo",
        ]

    def test_rates_follow_season_and_weekday_of_the_hemisphere(self) -> None:
        plans = {demo.slug: demo.rates for demo in load_catalogue()}
        week = Stay.of_nights(FIRST_MONDAY_OF_JULY, 7)

        def rates(slug: str) -> list[tuple[int, Decimal | None, set[int]]]:
            return [
                (stay.nights, rate.price, set(weekdays))
                for stay, weekdays, rate in rate_changes(
                    plans[slug], Decimal(100), list(week.dates())
                )
            ]

        assert rates("demo-lisbon-miradouro") == [
            (7, Decimal(130), {1, 2, 3, 4, 7}),
            (2, Decimal(153), {5, 6}),
        ]
        assert rates("demo-sydney-rocks") == [
            (7, Decimal(80), {1, 2, 3, 4, 7}),
            (2, Decimal(96), {5, 6}),
        ]
