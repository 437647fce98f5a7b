"""Addresses of the rooms API, under `/api/v1/`."""

from django.urls import path

from rooms.api import views

urlpatterns = [
    path("rooms", views.SearchView.as_view(), name="room-search"),
    path("rooms/<uuid:room_id>", views.RoomView.as_view(), name="room"),
    path("rooms/<uuid:room_id>/availability", views.CalendarView.as_view(), name="room-calendar"),
    path("rooms/<uuid:room_id>/quote", views.QuoteView.as_view(), name="room-quote"),
    path("locations", views.LocationView.as_view(), name="locations"),
]
