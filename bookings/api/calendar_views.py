"""Calendars that programs follow, and where a user finds the own one."""

from typing import Any

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import conditional_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.permissions import IsUser, active_user_of
from accounts.services import registration
from booking_site.openapi import answers
from booking_site.problems import NotFound
from bookings import feeds
from bookings.api.calendar_format import CalendarRenderer, OneFormat, calendar_response
from bookings.api.serializers import CalendarLinkSerializer

CALENDAR: dict[Any, Any] = {(200, "text/calendar"): OpenApiTypes.STR}

_FEED_ANSWERS = CALENDAR | answers({304: None}, NotFound, token=False)
_FEED_PARAMETERS = [
    OpenApiParameter("If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER),
    OpenApiParameter("ETag", OpenApiTypes.STR, OpenApiParameter.HEADER, response=[200]),
]


@method_decorator(never_cache, name="dispatch")
class MyCalendarView(APIView):
    """The address of the own calendar."""

    permission_classes = (IsUser,)

    @extend_schema(
        operation_id="my_calendar",
        summary="Where my calendar is",
        description=(
            "The address of a calendar with your stays, for a calendar program to follow. Whoever "
            "knows it can read it, without a token."
        ),
        tags=["calendars"],
        responses=answers({200: CalendarLinkSerializer}),
    )
    def get(self, request: Request) -> Response:
        url = feeds.guest_calendar_url(active_user_of(request))
        return Response(CalendarLinkSerializer({"url": url}).data)

    @extend_schema(
        operation_id="renew_my_calendar",
        summary="Give my calendar another address",
        description="The old address leads nowhere from then on.",
        tags=["calendars"],
        request=None,
        responses=answers({200: CalendarLinkSerializer}),
    )
    def post(self, request: Request) -> Response:
        user = active_user_of(request)
        registration.renew_calendar_link(user)
        return Response(CalendarLinkSerializer({"url": feeds.guest_calendar_url(user)}).data)


class FeedView(APIView):
    """A calendar for whoever knows its address. Without Last-Modified: it would miss deletions."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (CalendarRenderer,)
    content_negotiation_class = OneFormat


@method_decorator(cache_control(private=True, no_cache=True), name="dispatch")
@method_decorator(conditional_page, name="dispatch")
class GuestFeedView(FeedView):
    """`GET /calendars/{token}.ics`."""

    @extend_schema(
        operation_id="guest_calendar",
        summary="A guest's stays, for calendar programs",
        description="All stays that are booked or held, and those of the last 90 days.",
        tags=["calendars"],
        parameters=_FEED_PARAMETERS,
        responses=_FEED_ANSWERS,
    )
    def get(self, request: Request, token: str) -> Response:
        file = feeds.guest_calendar(token, now=timezone.now())
        return calendar_response(file, filename="stays.ics")


@method_decorator(cache_control(private=True, no_cache=True), name="dispatch")
@method_decorator(conditional_page, name="dispatch")
class RoomFeedView(FeedView):
    """`GET /room-calendars/{token}.ics`."""

    @extend_schema(
        operation_id="room_calendar",
        summary="When a room is taken, for calendar programs and other sites",
        description="Staff find the address on the room's page. It says nothing of the guests.",
        tags=["calendars"],
        parameters=_FEED_PARAMETERS,
        responses=_FEED_ANSWERS,
    )
    def get(self, request: Request, token: str) -> Response:
        file = feeds.room_calendar(token, now=timezone.now())
        return calendar_response(file, filename="room.ics")
