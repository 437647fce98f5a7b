"""Addresses of the bookings API."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from bookings.api import calendar_views
from bookings.api.views import BookingViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("bookings", BookingViewSet, basename="booking")

urlpatterns = [
    *router.urls,
    path("auth/me/calendar", calendar_views.MyCalendarView.as_view(), name="my-calendar"),
    path(
        "calendars/<str:token>.ics", calendar_views.GuestFeedView.as_view(), name="guest-calendar"
    ),
    path(
        "room-calendars/<str:token>.ics",
        calendar_views.RoomFeedView.as_view(),
        name="room-calendar",
    ),
]
