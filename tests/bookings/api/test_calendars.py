"""Calendars over HTTP: the file of a booking, and the feeds that only their address opens."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from icalendar import Calendar

from accounts.models import User
from accounts.services import registration
from bookings.feeds import GUEST_CALENDARS, guest_calendar_url
from bookings.models import Booking
from bookings.services import cancel_booking
from rooms.calendar_links import ROOM_CALENDARS, room_calendar_url
from rooms.services import block_nights, lift_block, renew_calendar_link
from tests.bookings.bookkeeping import book
from tests.factories import RoomFactory, UserFactory, stay_in

pytestmark = pytest.mark.django_db(transaction=True)

MY_CALENDAR = "/api/v1/auth/me/calendar"


def path_of(url: str) -> str:
    return urlsplit(url).path


def feed_of(user: User) -> str:
    return path_of(guest_calendar_url(user))


def events(answer) -> list[tuple[str, str]]:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    return [(event["SUMMARY"], event["STATUS"]) for event in calendar.walk("VEVENT")]


def days(answer) -> list[tuple[object, object]]:
    calendar = Calendar.from_ical(answer.content)
    return [(event["DTSTART"].dt, event["DTEND"].dt) for event in calendar.walk("VEVENT")]


class TestOneBooking:
    def test_is_a_file_to_keep(self, api_of, guest, room):
        booking = book(guest, room, stay_in(10))
        answer = api_of(guest).get(f"/api/v1/bookings/{booking.id}/calendar.ics")
        assert days(answer) == [(booking.check_in, booking.check_out)]
        assert (
            answer["Content-Disposition"]
            == f'attachment; filename="booking-{booking.reference}.ics"'
        )
        assert Calendar.from_ical(answer.content)["METHOD"] == "PUBLISH"

    def test_a_cancelled_one_takes_itself_out_of_the_calendar(self, api_of, guest, room):
        booking = book(guest, room, stay_in(10))
        cancel_booking(booking.id, user_id=guest.id, now=timezone.now())
        answer = api_of(guest).get(f"/api/v1/bookings/{booking.id}/calendar.ics")
        assert [status for _, status in events(answer)] == ["CANCELLED"]
        assert Calendar.from_ical(answer.content)["METHOD"] == "CANCEL"

    @pytest.mark.parametrize("accept", ["text/html", "text/calendar", "application/json", "*/*"])
    def test_comes_whatever_the_program_accepts(self, api_of, guest, room, accept):
        booking = book(guest, room, stay_in(10))
        url = f"/api/v1/bookings/{booking.id}/calendar.ics"
        assert len(events(api_of(guest).get(url, HTTP_ACCEPT=accept))) == 1

    def test_anothers_is_not_there(self, api_of, guest, room):
        booking = book(guest, room, stay_in(10))
        answer = api_of(UserFactory()).get(f"/api/v1/bookings/{booking.id}/calendar.ics")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
        assert answer["Content-Type"] == "application/problem+json"


class TestGuestsFeed:
    def test_its_address_is_shown_again_and_opens_it_without_a_token(
        self, api, api_of, guest, room
    ):
        book(guest, room, stay_in(10))
        client = api_of(guest)
        urls = [client.get(MY_CALENDAR).json()["url"] for _ in range(2)]
        assert urls[0] == urls[1]
        assert urls[0].startswith("http://localhost:8000/api/v1/calendars/")
        assert len(events(api.get(path_of(urls[0])))) == 1

    def test_lists_the_active_stays_of_its_guest_in_order(
        self, api, guest, room, django_assert_num_queries
    ):
        later = book(guest, room, stay_in(20))
        hold = book(guest, room, stay_in(10), hold=True)
        cancelled = book(guest, room, stay_in(30))
        cancel_booking(cancelled.id, user_id=guest.id, now=timezone.now())
        book(UserFactory(), room, stay_in(40))
        with django_assert_num_queries(2):
            answer = api.get(feed_of(guest))
        assert [status for _, status in events(answer)] == ["TENTATIVE", "CONFIRMED"]
        assert days(answer) == [
            (hold.check_in, hold.check_out),
            (later.check_in, later.check_out),
        ]

    @pytest.mark.parametrize(("ended", "listed"), [(89, 1), (90, 0)])
    def test_keeps_what_is_over_for_ninety_days(self, api, guest, room, ended, listed):
        booking = book(guest, room, stay_in(10))
        check_out = datetime.now(UTC).date() - timedelta(days=ended)
        Booking.objects.filter(id=booking.id).update(
            check_in=check_out - timedelta(days=2), check_out=check_out
        )
        assert len(events(api.get(feed_of(guest)))) == listed

    def test_is_there_before_the_first_booking(self, api):
        assert events(api.get(feed_of(UserFactory()))) == []

    def test_speaks_the_guests_language(self, api, guest, room):
        book(guest, room, stay_in(10))
        english = api.get(feed_of(guest), HTTP_ACCEPT_LANGUAGE="de").content
        User.objects.filter(id=guest.id).update(language="de")
        german = api.get(feed_of(guest), HTTP_ACCEPT_LANGUAGE="en").content
        assert b"Check-in from" in english
        assert b"Check-in from" not in german

    def test_is_sent_again_only_when_it_changed(self, api, guest, room):
        book(guest, room, stay_in(10))
        first = api.get(feed_of(guest))
        assert first["Cache-Control"] == "private, no-cache"
        assert "Last-Modified" not in first
        same = api.get(feed_of(guest), HTTP_IF_NONE_MATCH=first["ETag"])
        assert (same.status_code, same.content) == (304, b"")
        book(guest, room, stay_in(20))
        changed = api.get(feed_of(guest), HTTP_IF_NONE_MATCH=first["ETag"])
        assert len(events(changed)) == 2
        assert changed["ETag"] != first["ETag"]

    def test_another_address_makes_the_old_one_lead_nowhere(self, api, api_of, guest):
        client, old, others = api_of(guest), feed_of(guest), feed_of(UserFactory())
        new = path_of(client.post(MY_CALENDAR).json()["url"])
        assert new != old
        assert client.get(MY_CALENDAR).json()["url"].endswith(new)
        assert [api.get(url).status_code for url in (old, new, others)] == [404, 200, 200]

    def test_who_is_gone_has_none(self, api, api_of, guest):
        client, url = api_of(guest), feed_of(guest)
        User.objects.update(is_active=False)
        assert api.get(url).status_code == 404
        assert client.get(MY_CALENDAR).status_code == client.post(MY_CALENDAR).status_code == 401


class TestRoomsFeed:
    def test_says_when_a_room_is_taken_and_by_nobody(self, api, guest, django_assert_num_queries):
        room, other = RoomFactory(total_inventory=5), RoomFactory()
        booking = book(guest, room, stay_in(10), guest_name="Ada Lovelace", note="Late", units=2)
        block = block_nights(room.id, stay=stay_in(20), units=1, reason="Painters")
        cancelled = book(guest, room, stay_in(30))
        cancel_booking(cancelled.id, user_id=guest.id, now=timezone.now())
        book(guest, other, stay_in(40))
        url = path_of(room_calendar_url(room))
        with django_assert_num_queries(3):
            answer = api.get(url)
        calendar = Calendar.from_ical(answer.content)
        assert [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")] == [
            "Booked (2 units)",
            "Blocked",
        ]
        assert days(answer) == [
            (booking.check_in, booking.check_out),
            (block.start, block.end),
        ]
        for secret in (guest.email, guest.full_name, "Ada", "Late", "Painters", booking.reference):
            assert secret.encode() not in answer.content

    def test_a_lifted_block_is_gone_at_once(self, api):
        room = RoomFactory()
        url = path_of(room_calendar_url(room))
        block = block_nights(room.id, stay=stay_in(20), units=1, reason="Painters")
        first = api.get(url)
        lift_block(block.id)
        assert api.get(url, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200

    def test_another_address_makes_the_old_one_lead_nowhere(self, api):
        room = RoomFactory()
        old = path_of(room_calendar_url(room))
        renew_calendar_link(room.id)
        room.refresh_from_db()
        new = path_of(room_calendar_url(room))
        assert [api.get(url).status_code for url in (old, new)] == [404, 200]


def test_what_opens_nothing_answers_alike(api, guest, django_assert_num_queries):
    room = RoomFactory()
    old, olds_room = feed_of(guest), path_of(room_calendar_url(room))
    registration.renew_calendar_link(guest)
    renew_calendar_link(room.id)
    of_a_guest = GUEST_CALENDARS.token(room.calendar_nonce)
    of_a_room = ROOM_CALENDARS.token(guest.calendar_nonce)
    problems = []
    for path in (
        old,
        olds_room,
        f"/api/v1/calendars/{of_a_room}.ics",
        f"/api/v1/room-calendars/{of_a_guest}.ics",
        "/api/v1/calendars/nonsense.ics",
        "/api/v1/room-calendars/x.ics",
    ):
        answer = api.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        problems.append(answer.json() | {"request_id": ""})
    assert all(problem == problems[0] for problem in problems)
    with django_assert_num_queries(0):
        api.get("/api/v1/calendars/nonsense.ics")
