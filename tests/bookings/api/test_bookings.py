"""The bookings API as a client sees it."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from bookings.models import Booking
from rooms.services import NightRate, set_rate
from rooms.stays import Stay
from tests.bookings.bookkeeping import book, free_units, let_run_out
from tests.factories import PropertyFactory, RoomFactory, UserFactory, stay_in

URL = "/api/v1/bookings"

pytestmark = pytest.mark.usefixtures("exact_ledger")


@pytest.fixture
def client(api_of, guest):
    return api_of(guest)


def body(room, stay, **rest):
    return {
        "room_id": str(room.id),
        "check_in": str(stay.check_in),
        "check_out": str(stay.check_out),
        "guests": 1,
        **rest,
    }


class TestCreate:
    def test_answers_with_the_booking_and_its_address(self, client, room):
        stay = stay_in(10)
        answer = client.post(URL, body(room, stay, guests=2, guest_name="Ada", note="Late"))
        assert answer.status_code == 201
        booked = answer.json()
        assert answer["Location"] == f"{URL}/{booked['id']}"
        booking = Booking.objects.get()
        created_at = booked.pop("created_at")
        assert created_at.endswith("Z")
        deadline = booking.free_cancellation_until.isoformat().replace("+00:00", "Z")
        place = room.property
        assert booked == {
            "id": str(booking.id),
            "reference": booking.reference,
            "status": "confirmed",
            "room_id": str(room.id),
            "room": {
                "id": str(room.id),
                "name": "Double room",
                "property": {
                    "id": str(place.id),
                    "name": place.name,
                    "slug": place.slug,
                    "location": "Lisbon",
                    "country": "PT",
                    "address": "",
                    "timezone": "Europe/Lisbon",
                    "check_in_time": "15:00",
                    "check_out_time": "11:00",
                },
            },
            "check_in": str(stay.check_in),
            "check_out": str(stay.check_out),
            "guests": 2,
            "units": 1,
            "total_price": "160.00",
            "currency": "EUR",
            "hold_expires_at": None,
            "nights": [{"date": str(night), "price": "80.00"} for night in stay.dates()],
            "guest_name": "Ada",
            "note": "Late",
            "cancellation": {
                "free_until": deadline,
                "fee_percent": 100,
                "fee_now": "0.00",
                "cancelled_at": None,
                "fee": None,
                "reason": "",
            },
        }

    @pytest.mark.parametrize(
        ("currency", "price", "shown"),
        [("JPY", "12000", "24000"), ("KWD", "31.125", "62.250"), ("EUR", "80", "160.00")],
    )
    def test_shows_amounts_in_the_digits_of_their_currency(self, client, currency, price, shown):
        room = RoomFactory(
            property=PropertyFactory(currency=currency), price_per_night=Decimal(price)
        )
        assert client.post(URL, body(room, stay_in(10))).json()["total_price"] == shown

    def test_with_hold_the_booking_is_pending_until_it_expires(self, client, room):
        booked = client.post(URL, body(room, stay_in(10), hold=True)).json()
        assert booked["status"] == "pending"
        assert booked["hold_expires_at"] > booked["created_at"]

    def test_sold_out_names_the_nights_and_offers_alternatives(self, client, guest, room):
        stay = stay_in(10)
        book(guest, room, Stay.of_nights(stay.check_in, 1), units=2)
        answer = client.post(URL, body(room, stay))
        assert answer.status_code == 409
        assert answer["Content-Type"] == "application/problem+json"
        problem = answer.json()
        assert problem["type"] == "/problems/sold-out"
        assert problem["sold_out_nights"] == [str(stay.check_in)]
        assert problem["alternatives"][0] == {
            "room_id": str(room.id),
            "room_name": "Double room",
            "check_in": str(stay.shifted(1).check_in),
            "check_out": str(stay.shifted(1).check_out),
            "total_price": "160.00",
            "currency": "EUR",
        }
        assert Booking.objects.count() == 1

    def test_a_restricted_stay_is_422_at_its_field(self, client, room):
        stay = stay_in(10)
        set_rate(room.id, stay=stay, rate=NightRate(min_stay=4))
        answer = client.post(URL, body(room, stay))
        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems/stay-restricted"
        assert answer.json()["errors"] == [
            {
                "field": "check_out",
                "code": "min-stay",
                "detail": f"Who arrives on {stay.check_in} stays 4 nights or more.",
            }
        ]

    def test_an_unknown_room_is_404(self, client, room):
        answer = client.post(URL, body(room, stay_in(10), room_id=str(uuid7())))
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")

    @pytest.mark.parametrize(
        ("wrong", "field", "code"),
        [
            ({"room_id": "17"}, "room_id", "invalid"),
            ({"check_in": "2027-02-30"}, "check_in", "invalid"),
            ({"check_in": None}, "check_in", "null"),
            ({"check_in": "9999-12-30", "check_out": "9999-12-31"}, "check_out", "beyond-horizon"),
            ({"check_in": "0001-01-01"}, "check_in", "in-the-past"),
            ({"check_out": str(stay_in(10).check_in)}, "check_out", "not-after-check-in"),
            ({"guests": 0}, "guests", "min-value"),
            ({"guests": 3}, "guests", "too-many-guests"),
            ({"guests": 10**30}, "guests", "max-value"),
            ({"guests": "9" * 5000}, "guests", "max-string-length"),
            ({"units": 21}, "units", "max-value"),
            ({"guest_name": "x" * 151}, "guest_name", "max-length"),
            ({"note": "x" * 1001}, "note", "max-length"),
            ({"note": "a\x00b"}, "note", "null-characters-not-allowed"),
            ({"hold": "perhaps"}, "hold", "invalid"),
        ],
    )
    def test_bad_input_is_400_at_its_field(self, client, room, wrong, field, code):
        answer = client.post(URL, body(room, stay_in(10)) | wrong)
        assert answer.status_code == 400
        errors = [(error["field"], error["code"]) for error in answer.json()["errors"]]
        assert (field, code) in errors
        assert not Booking.objects.exists()

    def test_half_a_surrogate_pair_is_400_at_its_field(self, client, room):
        raw = json.dumps(body(room, stay_in(10), note="\ud800"))
        answer = client.post(URL, raw, content_type="application/json")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "surrogate-characters-not-allowed"

    def test_what_clients_may_not_set_is_ignored(self, client, guest, room):
        mine = {
            "id": str(uuid7()),
            "user_id": str(uuid7()),
            "reference": "MINE",
            "status": "cancelled",
            "total_price": "0.01",
            "agreed_nightly_price": "0.01",
            "currency": "JPY",
            "cancellation_fee_percent": 0,
        }
        booked = client.post(URL, body(room, stay_in(10)) | mine).json()
        assert (booked["status"], booked["total_price"], booked["currency"]) == (
            "confirmed",
            "160.00",
            "EUR",
        )
        assert Booking.objects.get().user_id == guest.id
        assert booked["id"] != mine["id"]

    def test_needs_few_queries(self, client, room, django_assert_num_queries):
        # account, room, BEGIN, settings and stripe, nights, UPDATE, booking, its nights, event,
        # COMMIT
        with django_assert_num_queries(10):
            client.post(URL, body(room, stay_in(10)))


class TestIdempotencyKey:
    def test_the_same_request_again_gets_the_same_answer(self, client, room):
        stay = stay_in(10)
        headers = {"HTTP_IDEMPOTENCY_KEY": "3f0c"}
        first = client.post(URL, body(room, stay), **headers)
        again = client.post(URL, body(room, stay), **headers)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert again["Location"] == first["Location"]
        assert "Idempotent-Replayed" not in first
        assert again["Idempotent-Replayed"] == "true"
        assert free_units(room, stay) == [1, 1]

    def test_defaults_and_their_spelt_out_values_are_the_same_request(self, client, room):
        stay = stay_in(10)
        headers = {"HTTP_IDEMPOTENCY_KEY": "3f0c"}
        client.post(URL, body(room, stay), **headers)
        again = client.post(URL, body(room, stay, units=1, hold=False), **headers)
        assert again["Idempotent-Replayed"] == "true"

    def test_another_request_under_the_same_key_is_422(self, client, room):
        headers = {"HTTP_IDEMPOTENCY_KEY": "3f0c"}
        client.post(URL, body(room, stay_in(10)), **headers)
        answer = client.post(URL, body(room, stay_in(11)), **headers)
        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems/idempotency-key-reused"

    @pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 256])
    def test_a_key_that_is_no_key_is_400(self, client, room, key):
        answer = client.post(URL, body(room, stay_in(10)), HTTP_IDEMPOTENCY_KEY=key)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
        assert not Booking.objects.exists()


class TestReading:
    def test_the_list_has_my_bookings_newest_first_by_cursor(self, client, guest, room):
        mine = [book(guest, room, stay_in(10 * number)) for number in range(1, 4)]
        book(UserFactory(), room, stay_in(50))
        first = client.get(URL, {"page_size": 2}).json()
        rest = client.get(first["next"]).json()
        found = [row["id"] for row in first["results"] + rest["results"]]
        assert found == [str(booking.id) for booking in reversed(mine)]
        assert rest["next"] is None

    def test_the_list_takes_one_query_however_long(
        self, client, guest, room, django_assert_num_queries
    ):
        for number in range(1, 5):
            book(guest, room, stay_in(10 * number))
        with django_assert_num_queries(1):
            client.get(URL)

    @pytest.mark.parametrize("size", ["0", "101", "-1", "x", "", "9" * 5000, "1.5", "²"])
    def test_a_page_size_out_of_range_is_400(self, client, size):
        answer = client.get(URL, {"page_size": size})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "page_size"

    def test_one_booking_shows_what_creating_it_answered(self, client, room):
        booked = client.post(URL, body(room, stay_in(10))).json()
        assert client.get(f"{URL}/{booked['id']}").json() == booked

    def test_before_cancelling_the_fee_is_shown(self, client, guest, room):
        booking = book(guest, room, stay_in(1))
        shown = client.get(f"{URL}/{booking.id}").json()
        assert shown["cancellation"]["fee_now"] == "160.00"
        done = client.post(f"{URL}/{booking.id}/cancel").json()
        assert done["cancellation"]["fee"] == "160.00"
        assert done["cancellation"]["fee_now"] is None


class TestActions:
    def test_confirm_a_hold(self, client, guest, room):
        hold = book(guest, room, stay_in(10), hold=True)
        answer = client.post(f"{URL}/{hold.id}/confirm")
        assert (answer.status_code, answer.json()["status"]) == (200, "confirmed")

    def test_confirm_too_late_is_409(self, client, guest, room):
        hold = book(guest, room, stay_in(10), hold=True)
        let_run_out(hold)
        answer = client.post(f"{URL}/{hold.id}/confirm")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/hold-expired")

    def test_cancel_twice_answers_the_same(self, client, guest, room):
        booking = book(guest, room, stay_in(10))
        first = client.post(f"{URL}/{booking.id}/cancel")
        assert client.post(f"{URL}/{booking.id}/cancel").json() == first.json()

    def test_modify_one_date_keeps_the_other(self, client, guest, room):
        stay = stay_in(10)
        booking = book(guest, room, stay)
        longer = str(stay.check_out + timedelta(days=1))
        changed = client.post(f"{URL}/{booking.id}/modify", {"check_out": longer}).json()
        assert (changed["check_in"], changed["check_out"]) == (str(stay.check_in), longer)
        assert changed["total_price"] == "240.00"
        assert len(changed["nights"]) == 3

    def test_modify_into_no_night_is_400(self, client, guest, room):
        stay = stay_in(10)
        booking = book(guest, room, stay)
        answer = client.post(f"{URL}/{booking.id}/modify", {"check_in": str(stay.check_out)})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "check_out"

    def test_modify_a_cancelled_booking_is_409(self, client, guest, room):
        booking = book(guest, room, stay_in(10))
        client.post(f"{URL}/{booking.id}/cancel")
        answer = client.post(f"{URL}/{booking.id}/modify", {"guests": 2})
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/booking-cancelled")

    def test_cancel_after_the_stay_began_is_409(self, client, guest, room):
        booking = book(guest, room, stay_in(0))
        yesterday = (timezone.now() - timedelta(days=2)).date()
        stay = Stay.of_nights(yesterday, 1)
        booking.nights.all().delete()
        booking.nights.create(date=yesterday, price=Decimal(160))
        _pretend_sold(room, booking.stay, stay)
        Booking.objects.filter(id=booking.id).update(
            check_in=stay.check_in, check_out=stay.check_out
        )
        answer = client.post(f"{URL}/{booking.id}/cancel")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/stay-has-begun")


def _pretend_sold(room, real, past):
    room.nights.filter(date__in=list(real.dates())).update(available_count=2)
    room.nights.create(date=past.check_in, total_inventory=2, available_count=1)


class TestOthers:
    @pytest.mark.parametrize("action", ["", "/confirm", "/cancel", "/modify"])
    def test_anothers_booking_answers_like_one_that_does_not_exist(self, client, room, action):
        theirs = book(UserFactory(), room, stay_in(10))
        call = client.post if action else client.get
        answers = [call(f"{URL}/{booking_id}{action}") for booking_id in (theirs.id, uuid7())]
        assert [answer.status_code for answer in answers] == [404, 404]
        bodies = [answer.json() for answer in answers]
        for answered in bodies:
            del answered["request_id"]
        assert bodies[0] == bodies[1]
        theirs.refresh_from_db()
        assert theirs.status == "confirmed"
