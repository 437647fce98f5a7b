"""Addresses of the pages that mails and calendars lead to."""

from django.urls import path

from bookings import views

urlpatterns = [
    path("bookings/<uuid:booking_id>", views.booking_page, name="booking-page"),
]
