"""What the mails of bookings say: what was true when it happened, in the guest's language."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from urllib.parse import urlsplit

import pytest
from django.core.mail import EmailMultiAlternatives
from django.urls import resolve
from django.utils import timezone
from icalendar import Calendar

from booking_site.mail import build_mail
from bookings.models import Booking, BookingStatus, CancellationReason
from tests.bookings.letters import HAPPENED_AT, MARCH_27, booked, hotel, mail, snapshot, told
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

ALL = ["booking.confirmed", "booking.modified", "booking.cancelled", "booking.hold_expiring"]
JULY_2099 = datetime(2099, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def site(settings):
    settings.PUBLIC_URL = "https://rooms.example"
    settings.SITE_NAME = "Rooms & Co"


@pytest.fixture
def guest():
    return UserFactory(email="ada@guest.example")


@pytest.fixture
def german():
    return UserFactory(language="de")


def hold(guest, place, **more):
    more.setdefault("hold_expires_at", JULY_2099)
    return booked(guest, place, status=BookingStatus.PENDING, **more)


def cancelled(guest, place, *, fee="0", reason=CancellationReason.GUEST, **more):
    return booked(
        guest,
        place,
        status=BookingStatus.CANCELLED,
        cancelled_at=HAPPENED_AT,
        cancellation_fee=Decimal(fee),
        cancellation_reason=reason,
        **more,
    )


def any_mail(kind, guest, place, **more):
    if kind == "booking.cancelled":
        return mail(kind, cancelled(guest, place, **more))
    if kind == "booking.hold_expiring":
        return mail(kind, hold(guest, place, **more))
    booking = booked(guest, place, **more)
    return mail(kind, booking, before=snapshot(booking))


def plain(text):
    """Make the spaces that don't break comparable with others."""
    return re.sub("[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", text)


class TestConfirmed:
    def test_the_whole_letter(self, guest):
        booking = booked(guest, hotel())
        built = mail("booking.confirmed", booking)
        assert built.recipient == "ada@guest.example"
        assert built.subject == "Booking AB23CD45EF confirmed: Hotel Aurora"
        assert plain(built.text) == (
            "Hello Ada Guest,\n"
            "\n"
            "Your booking AB23CD45EF is confirmed. Hotel Aurora is looking forward to your stay. "
            "The attached calendar file puts it into your calendar.\n"
            "\n"
            "Hotel Aurora\n"
            "Rua Augusta 1, Lisbon\n"
            "desk@aurora.example\n"
            "\n"
            "Check-in: Saturday, March 27, 2027, from 3:00 PM\n"
            "Check-out: Monday, March 29, 2027, until 11:00 AM\n"
            "Room: Double room\n"
            "Stay: 2 nights, 2 guests\n"
            "Booked for: Ada Guest\n"
            "\n"
            "Price\n"
            "  Sat, Mar 27, 2027: €100.00\n"
            "  Sun, Mar 28, 2027: €120.50\n"
            "  Total: €220.50\n"
            "You pay at the property. Nothing has been charged yet.\n"
            "\n"
            "Cancellation\n"
            "You can cancel free of charge until Thursday, March 25, 2027 at 3:00 PM "
            "(Western European Standard Time, UTC+00:00). After that, cancelling costs €220.50 "
            "(100% of the total).\n"
            "\n"
            "See or change your booking:\n"
            f"https://rooms.example/bookings/{booking.id}\n"
            "\n"
            "-- \n"
            "Rooms & Co\n"
            "https://rooms.example\n"
            "\n"
            "You receive this e-mail because of your booking AB23CD45EF.\n"
        )

    def test_the_whole_letter_in_german(self, german):
        booking = booked(german, hotel(), prices=("1234.50",), units=2, guests=3)
        built = mail("booking.confirmed", booking)
        assert built.subject == "Buchung AB23CD45EF bestätigt: Hotel Aurora"
        assert plain(built.text) == (
            "Guten Tag Ada Guest,\n"
            "\n"
            "Ihre Buchung AB23CD45EF ist bestätigt. Hotel Aurora freut sich auf Ihren Aufenthalt. "
            "Mit der angehängten Kalenderdatei tragen Sie ihn in Ihren Kalender ein.\n"
            "\n"
            "Hotel Aurora\n"
            "Rua Augusta 1, Lisbon\n"
            "desk@aurora.example\n"
            "\n"
            "Check-in: Samstag, 27. März 2027, ab 15:00 Uhr\n"
            "Check-out: Sonntag, 28. März 2027, bis 11:00 Uhr\n"
            "Zimmer: Double room (2 Zimmer)\n"
            "Aufenthalt: 1 Nacht, 3 Gäste\n"
            "Gebucht für: Ada Guest\n"
            "\n"
            "Preis\n"
            "  Sa., 27. März 2027: 2.469,00 € (2 × 1.234,50 €)\n"
            "  Gesamtpreis: 2.469,00 €\n"
            "Sie zahlen vor Ort. Bisher wurde nichts abgebucht.\n"
            "\n"
            "Stornierung\n"
            "Sie können bis Donnerstag, 25. März 2027 um 15:00 Uhr (Westeuropäische Normalzeit, "
            "UTC+00:00) kostenlos stornieren. Danach kostet eine Stornierung 2.469,00 € (100 % des "
            "Gesamtpreises).\n"
            "\n"
            "Buchung ansehen oder ändern:\n"
            f"https://rooms.example/bookings/{booking.id}\n"
            "\n"
            "-- \n"
            "Rooms & Co\n"
            "https://rooms.example\n"
            "\n"
            "Sie erhalten diese E-Mail wegen Ihrer Buchung AB23CD45EF.\n"
        )

    def test_a_property_that_told_little_of_itself(self, guest):
        built = mail("booking.confirmed", booked(guest, hotel(address="", contact_email="")))
        assert "\nHotel Aurora\nLisbon\n\nCheck-in: " in built.text
        assert "mailto:" not in built.html

    def test_without_a_name_nobody_is_called_by_one(self, guest):
        built = mail("booking.confirmed", booked(guest, hotel(), guest_name=""))
        assert built.text.startswith("Hello,\n\nYour booking")
        assert "Booked for" not in built.text + built.html

    def test_it_says_what_was_true_then(self, guest):
        booking = booked(guest, hotel())
        event = told("booking.confirmed", snapshot(booking))
        Booking.objects.filter(id=booking.id).update(
            check_in=date(2027, 5, 1), check_out=date(2027, 5, 2), total_price=1, units=4
        )
        built = build_mail(event)
        assert "Check-in: Saturday, March 27, 2027" in built.text
        assert "Total: €220.50" in built.text

    def test_a_deadline_that_had_passed_is_not_promised(self, guest):
        booking = booked(guest, hotel(cancellation_fee_percent=80))
        late = told(
            "booking.confirmed", snapshot(booking), happened_at=datetime(2027, 3, 26, tzinfo=UTC)
        )
        text = build_mail(late).text
        assert (
            "This booking can no longer be cancelled free of charge: "
            "cancelling it costs €176.40 (80% of the total).\n"
        ) in text
        assert "until Thursday" not in text

    def test_a_stay_that_costs_no_fee_names_no_deadline(self, guest):
        built = mail("booking.confirmed", booked(guest, hotel(cancellation_fee_percent=0)))
        assert "Cancellation\nYou can cancel free of charge.\n" in built.text

    def test_the_deadline_is_told_by_the_clocks_of_its_own_day(self, guest):
        """Two days before, the property's clocks had not been put forward yet."""
        booking = booked(guest, hotel(), check_in=date(2027, 3, 29))
        assert booking.free_cancellation_until == datetime(2027, 3, 27, 15, tzinfo=UTC)
        text = plain(mail("booking.confirmed", booking).text)
        assert (
            "Saturday, March 27, 2027 at 3:00 PM (Western European Standard Time, UTC+00:00)"
            in text
        )

    def test_the_deadline_after_the_clocks_went_forward(self, guest):
        booking = booked(guest, hotel(), check_in=date(2027, 3, 30))
        assert booking.free_cancellation_until == datetime(2027, 3, 28, 14, tzinfo=UTC)
        text = plain(mail("booking.confirmed", booking).text)
        assert "Sunday, March 28, 2027 at 3:00 PM (Western European Summer Time, UTC+01:00)" in text

    @pytest.mark.parametrize(
        ("currency", "price", "english", "german_text"),
        [
            ("JPY", "14200", "Total: ¥14,200\n", "Gesamtpreis: 14.200 ¥\n"),
            ("KWD", "42.125", "Total: KWD 42.125\n", "Gesamtpreis: 42,125 KWD\n"),
            ("USD", "99.9", "Total: $99.90\n", "Gesamtpreis: 99,90 $\n"),
        ],
    )
    def test_amounts_have_the_digits_of_their_currency(
        self, guest, german, currency, price, english, german_text
    ):
        place = hotel(currency=currency)
        first = booked(guest, place, prices=(price,), reference="FIRST")
        second = booked(german, place, prices=(price,), reference="SECOND")
        assert english in plain(mail("booking.confirmed", first).text)
        assert german_text in plain(mail("booking.confirmed", second).text)

    def test_the_note_goes_only_to_who_proved_to_own_the_address(self, guest):
        booking = booked(guest, hotel(), note="A quiet room,\nplease <3")
        assert "quiet" not in mail("booking.confirmed", booking).text
        guest.email_verified_at = timezone.now()
        guest.save()
        built = mail("booking.confirmed", booking)
        assert "Your note:\nA quiet room,\nplease <3\n" in built.text
        assert "A quiet room,<br>please &lt;3" in built.html

    def test_the_calendar_file_has_the_days_of_the_property(self, guest):
        booking = booked(guest, hotel(timezone="Pacific/Auckland"))
        (attachment,) = mail("booking.confirmed", booking).attachments
        assert (attachment.filename, attachment.media_type) == ("AB23CD45EF.ics", "text/calendar")
        calendar = Calendar.from_ical(attachment.content)
        (event,) = calendar.events
        assert calendar["METHOD"] == "PUBLISH"
        assert (event.start, event.end) == (MARCH_27, date(2027, 3, 29))


class TestModified:
    def changed(self, guest, place, **more):
        before = booked(guest, place, reference="BEFORE")
        after = booked(guest, place, **more)
        return mail("booking.modified", after, before=snapshot(before))

    def test_old_and_new_side_by_side(self, guest):
        built = self.changed(guest, hotel(), prices=("100.00", "120.50", "120.50"), guests=1)
        assert built.subject == "Booking AB23CD45EF changed: Hotel Aurora"
        assert (
            "What changed\n"
            "  Check-out: Mon, Mar 29, 2027 -> Tue, Mar 30, 2027\n"
            "  Nights: 2 nights -> 3 nights\n"
            "  Guests: 2 guests -> 1 guest\n"
            "  Total: €220.50 -> €341.00\n"
            "The new total is €120.50 higher.\n"
        ) in built.text
        assert "<s>Mon, Mar 29, 2027</s>" in built.html
        assert "<s>Sat, Mar 27, 2027</s>" not in built.html

    @pytest.mark.parametrize(
        ("prices", "said"),
        [
            (("100.00",), "The new total is €120.50 lower.\n"),
            (("20.50", "200.00"), "The total stays the same.\n"),
        ],
    )
    def test_the_difference(self, guest, prices, said):
        assert said in self.changed(guest, hotel(), prices=prices).text

    def test_in_german(self, german):
        built = self.changed(german, hotel(), prices=("100.00",))
        assert built.subject == "Buchung AB23CD45EF geändert: Hotel Aurora"
        assert "  Nächte: 2 Nächte -> 1 Nacht\n" in built.text
        assert "Der neue Gesamtpreis ist um 120,50 € niedriger.\n" in plain(built.text)

    def test_a_hold_is_not_called_booked_and_has_no_calendar_file(self, guest):
        place = hotel()
        before = hold(guest, place, reference="BEFORE")
        after = hold(guest, place, guests=1)
        built = mail("booking.modified", after, before=snapshot(before))
        assert (
            "The rooms are only held for you until Wednesday, July 1, 2099 at 1:00 PM "
            "(Western European Summer Time, UTC+01:00): please confirm the booking by then.\n"
        ) in plain(built.text)
        assert f"Confirm your booking:\nhttps://rooms.example/bookings/{after.id}\n" in built.text
        assert built.attachments == ()


class TestCancelled:
    def test_the_fee_is_owed_since_nothing_was_paid(self, guest):
        built = mail("booking.cancelled", cancelled(guest, hotel(), fee="110.25"))
        assert built.subject == "Booking AB23CD45EF cancelled: Hotel Aurora"
        assert (
            "Cancelling costs €110.25. You have paid nothing so far, so there is nothing to pay "
            "back: please settle the fee with Hotel Aurora.\n"
        ) in built.text
        assert "Cancellation fee: €110.25" in built.html

    def test_without_a_fee(self, guest):
        built = mail("booking.cancelled", cancelled(guest, hotel()))
        assert (
            "Cancelling costs nothing. You have paid nothing either, so there is nothing to pay "
            "back.\n"
        ) in built.text
        assert "No cancellation fee" in built.html

    def test_in_german(self, german):
        built = mail("booking.cancelled", cancelled(german, hotel(currency="KWD"), fee="1.5"))
        assert built.subject == "Buchung AB23CD45EF storniert: Hotel Aurora"
        assert "Die Stornierung kostet 1,500 KWD." in plain(built.text)

    def test_who_cancelled(self, guest):
        place = hotel()
        by_staff = "Hotel Aurora has cancelled your booking."
        assert by_staff not in mail("booking.cancelled", cancelled(guest, place)).text
        booking = cancelled(guest, place, reason=CancellationReason.STAFF, reference="STAFF")
        assert by_staff in mail("booking.cancelled", booking).text

    def test_the_calendar_file_takes_back_the_one_of_the_confirmation(self, guest):
        booking = booked(guest, hotel())
        confirmation = mail("booking.confirmed", booking)
        booking.status, booking.cancelled_at = BookingStatus.CANCELLED, HAPPENED_AT
        booking.cancellation_fee, booking.cancellation_reason = Decimal(0), "guest"
        booking.updated_at += timedelta(minutes=1)
        cancellation = mail("booking.cancelled", booking)
        was, now = (
            Calendar.from_ical(m.attachments[0].content) for m in (confirmation, cancellation)
        )
        assert now["METHOD"] == "CANCEL"
        assert now.events[0]["STATUS"] == "CANCELLED"
        assert now.events[0]["UID"] == was.events[0]["UID"]
        assert now.events[0]["SEQUENCE"] > was.events[0]["SEQUENCE"]


class TestHoldExpiring:
    def test_when_it_ends_and_where_to_confirm(self, guest):
        booking = hold(guest, hotel(timezone="Asia/Tokyo", currency="JPY"), prices=("14200",))
        built = mail("booking.hold_expiring", booking)
        assert built.subject == "Confirm booking AB23CD45EF soon: Hotel Aurora"
        assert (
            "Held for you until: Wednesday, July 1, 2099 at 9:00 PM (Japan Standard Time, "
            "UTC+09:00)\n"
            "= Wednesday, July 1, 2099 at 12:00 PM UTC\n"
            "\n"
            "Confirm your booking:\n"
            f"https://rooms.example/bookings/{booking.id}\n"
        ) in plain(built.text)
        assert built.attachments == ()

    def test_in_german(self, german):
        built = mail("booking.hold_expiring", hold(german, hotel()))
        assert built.subject == "Buchung AB23CD45EF bald bestätigen: Hotel Aurora"
        assert (
            "Für Sie reserviert bis: Mittwoch, 1. Juli 2099 um 13:00 Uhr (Westeuropäische "
            "Sommerzeit, UTC+01:00)\n"
            "= Mittwoch, 1. Juli 2099 um 12:00 Uhr UTC\n"
        ) in built.text

    def test_nobody_is_urged_to_confirm_what_is_confirmed_or_has_run_out(self, guest):
        place = hotel()
        running = hold(guest, place)
        event = told("booking.hold_expiring", snapshot(running))
        assert build_mail(event) is not None
        over = hold(guest, place, reference="OVER", hold_expires_at=timezone.now())
        assert build_mail(told("booking.hold_expiring", snapshot(over))) is None
        Booking.objects.filter(id=running.id).update(
            status=BookingStatus.CONFIRMED, hold_expires_at=None
        )
        assert build_mail(event) is None


@pytest.mark.parametrize("kind", ALL)
def test_a_mail_costs_one_query(kind, guest, django_assert_num_queries):
    booking = hold(guest, hotel()) if kind == "booking.hold_expiring" else cancelled(guest, hotel())
    event = told(kind, snapshot(booking) | {"before": snapshot(booking)})
    with django_assert_num_queries(1):
        assert build_mail(event) is not None


@pytest.mark.parametrize("kind", ALL)
def test_nobody_is_written_to_whose_account_is_closed(kind):
    booking = hold(UserFactory(is_active=False), hotel())
    event = told(kind, snapshot(booking) | {"before": snapshot(booking)})
    assert build_mail(event) is None


@pytest.mark.parametrize("kind", ALL)
def test_nothing_is_said_of_a_booking_that_was_deleted(kind, guest):
    booking = hold(guest, hotel())
    event = told(kind, snapshot(booking) | {"before": snapshot(booking)})
    booking.delete()
    assert build_mail(event) is None


@pytest.mark.parametrize("kind", ["booking.held", "booking.hold_expired"])
def test_what_the_guest_has_just_seen_owes_no_mail(kind, guest):
    assert build_mail(told(kind, snapshot(hold(guest, hotel())))) is None


@pytest.mark.parametrize("kind", ALL)
def test_names_are_text_whatever_is_in_them(kind, guest):
    place = hotel(name="<script>alert(1)</script>", address='"><img src=x onerror=alert(2)>')
    built = any_mail(kind, guest, place, guest_name="<b>Ada</b> & Co")
    assert "<script" not in built.html
    assert "<img" not in built.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in built.html
    assert "&lt;b&gt;Ada&lt;/b&gt; &amp; Co" in built.html
    assert "Hello <b>Ada</b> & Co,\n" in built.text
    assert "<script>alert(1)</script>\n" in built.text


@pytest.mark.parametrize("kind", ALL)
def test_no_name_adds_a_header_or_a_line(kind, guest):
    place = hotel(name="Aurora\r\nBcc: everybody@example.com\x1b")
    built = any_mail(kind, guest, place, guest_name="Ada\nTotal: €0.00")
    assert built.subject.endswith(": Aurora Bcc: everybody@example.com")
    assert "\nBcc:" not in built.text
    assert "\nTotal: €0.00" not in built.text


@pytest.mark.parametrize("kind", ALL)
def test_a_subject_stays_short_and_keeps_the_reference(kind, guest):
    subject = any_mail(kind, guest, hotel(name="A" * 200)).subject
    assert len(subject) == 120
    assert subject.endswith("AA…")
    assert "AB23CD45EF" in subject


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_html_says_its_language_and_loads_nothing(kind, language):
    html = any_mail(kind, UserFactory(language=language), hotel()).html
    assert f'<html lang="{language}"' in html
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import|src=", html)


@pytest.mark.parametrize("kind", ALL)
def test_the_link_leads_to_the_booking(kind, guest):
    built = any_mail(kind, guest, hotel())
    link = f"https://rooms.example/bookings/{Booking.objects.get().id}"
    assert f"\n{link}\n" in built.text
    assert f'href="{link}"' in built.html
    assert resolve(urlsplit(link).path)


def test_the_parts_survive_the_post(guest):
    built = mail("booking.confirmed", booked(guest, hotel(name="Pensão São João")))
    letter = EmailMultiAlternatives(built.subject, built.text, to=[built.recipient])
    letter.attach_alternative(built.html, "text/html")
    for attachment in built.attachments:
        letter.attach(attachment.filename, attachment.content, attachment.media_type)
    posted = message_from_bytes(letter.message().as_bytes(), policy=policy.default)
    parts = {part.get_content_type(): part for part in posted.walk()}
    assert posted["Subject"].strip() == "Booking AB23CD45EF confirmed: Pensão São João"
    assert parts["text/plain"].get_content() == built.text
    assert parts["text/html"].get_content().strip() == built.html.strip()
    assert parts["text/calendar"].get_filename() == "AB23CD45EF.ics"
    assert parts["text/calendar"].get_content_charset() == "utf-8"
    (event,) = Calendar.from_ical(parts["text/calendar"].get_content()).events
    assert event["SUMMARY"] == "Pensão São João: Double room"
