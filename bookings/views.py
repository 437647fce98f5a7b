"""The page behind the link to a booking in mails and calendars."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_from_request, override
from django.views.decorators.vary import vary_on_headers


@vary_on_headers("Accept-Language")
def booking_page(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Say where the booking can be seen. It is the same page for every id: nothing is looked up."""
    with override(get_language_from_request(request)):
        return render(request, "bookings/page.html")
