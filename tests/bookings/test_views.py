"""The page of a booking shows the same to everybody: it looks nothing up."""

from uuid import uuid4

import pytest
from django.test import Client

from tests.bookings.bookkeeping import book
from tests.factories import stay_in


@pytest.mark.django_db(transaction=True)
def test_a_booking_and_no_booking_look_alike(guest, room, django_assert_num_queries):
    booking = book(guest, room, stay_in(10), guest_name="Ada")
    with django_assert_num_queries(0):
        pages = [Client().get(f"/bookings/{known}") for known in (booking.id, uuid4())]
    assert pages[0].status_code == 200
    assert pages[0].content == pages[1].content


def test_it_speaks_the_language_of_the_browser():
    page = Client().get(f"/bookings/{uuid4()}", headers={"accept-language": "de"})
    assert '<html lang="de">' in page.text
    assert page["Vary"] == "Accept-Language"
