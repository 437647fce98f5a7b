"""The rooms API: look for a room, look at it, ask what a stay costs."""

from uuid import UUID

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.permissions import MayLookAround
from booking_site.openapi import answers
from booking_site.problems import NotFound
from rooms.api.serializers import inputs, outputs
from rooms.policies import local_today
from rooms.selectors import catalogue, quote, search


class SearchView(APIView):
    """`GET /rooms`."""

    permission_classes = [MayLookAround]

    @extend_schema(
        operation_id="search_rooms",
        summary="Search for rooms",
        description=(
            "With dates: the rooms that can be booked for that stay, with its price. Without "
            "dates: all rooms that sleep the guests, each with its lowest price of the next 90 "
            "nights. A page past the last one is empty. What is found may be sold a moment later: "
            "only booking takes it."
        ),
        tags=["rooms"],
        parameters=[inputs.SearchInput],
        responses=answers({200: outputs.FoundRoomsSerializer}),
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        wanted = inputs.SearchInput(data=request.query_params, context={"now": now})
        wanted.is_valid(raise_exception=True)
        found = search.search_rooms(wanted.search(), now=now)
        return Response(outputs.FoundRoomsSerializer(found).data)


@method_decorator(cache_control(private=True, no_cache=True), name="dispatch")
@method_decorator(conditional_page, name="dispatch")
class RoomView(APIView):
    """`GET /rooms/{room_id}`."""

    permission_classes = [MayLookAround]

    @extend_schema(
        operation_id="get_room",
        summary="All facts of a room",
        description="Carries an `ETag`: send it as `If-None-Match` to get 304 if nothing changed.",
        tags=["rooms"],
        parameters=[
            OpenApiParameter("If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER),
            OpenApiParameter("ETag", OpenApiTypes.STR, OpenApiParameter.HEADER, response=[200]),
        ],
        responses=answers({200: outputs.RoomSerializer, 304: None}, NotFound),
    )
    def get(self, request: Request, room_id: UUID) -> Response:
        return Response(outputs.RoomSerializer(catalogue.active_room(room_id)).data)


class CalendarView(APIView):
    """`GET /rooms/{room_id}/availability`."""

    permission_classes = [MayLookAround]

    @extend_schema(
        operation_id="get_room_availability",
        summary="What is free, night by night",
        description=(
            "For a month, or for `nights` from `start` on; by default for the current month of "
            "the property. Past nights and nights that are not on sale are left out."
        ),
        tags=["rooms"],
        parameters=[inputs.CalendarInput],
        responses=answers({200: outputs.CalendarSerializer}, NotFound),
    )
    def get(self, request: Request, room_id: UUID) -> Response:
        now = timezone.now()
        wanted = inputs.CalendarInput(data=request.query_params, context={"now": now})
        wanted.is_valid(raise_exception=True)
        room = catalogue.active_room(room_id)
        today = local_today(room.property, now)
        shown = wanted.nights_to_show(today)
        answer = {
            "room_id": room.id,
            "currency": room.property.currency,
            "start": shown.check_in,
            "end": shown.check_out,
            "nights": catalogue.calendar(room, shown, today=today),
        }
        return Response(outputs.CalendarSerializer(answer).data)


class QuoteView(APIView):
    """`GET /rooms/{room_id}/quote`."""

    permission_classes = [MayLookAround]

    @extend_schema(
        operation_id="quote_stay",
        summary="What a stay costs",
        description=(
            "The price of every night and what stands against the stay, if anything. Nothing is "
            "held: between the quote and the booking the last unit may go."
        ),
        tags=["rooms"],
        parameters=[inputs.QuoteInput],
        responses=answers({200: outputs.QuoteSerializer}, NotFound),
        examples=[
            OpenApiExample(
                "Two nights, both free",
                response_only=True,
                status_codes=["200"],
                value={
                    "room_id": "01a20503-5872-7194-9c85-517ee4358df6",
                    "check_in": "2027-05-01",
                    "check_out": "2027-05-03",
                    "guests": 2,
                    "units": 1,
                    "currency": "EUR",
                    "nights": [
                        {"date": "2027-05-01", "price": "120.00", "available": True},
                        {"date": "2027-05-02", "price": "100.00", "available": True},
                    ],
                    "total_price": "220.00",
                    "average_price_per_night": "110.00",
                    "available": True,
                    "sold_out_nights": [],
                    "restrictions": [],
                    "cancellation": {"free_until": "2027-04-29T14:00:00Z", "fee_percent": 100},
                },
            )
        ],
    )
    def get(self, request: Request, room_id: UUID) -> Response:
        now = timezone.now()
        wanted = inputs.QuoteInput(data=request.query_params, context={"now": now})
        wanted.is_valid(raise_exception=True)
        quoted = quote.quote_stay(room_id, **wanted.validated_data, now=now)
        return Response(outputs.QuoteSerializer(quoted).data)


class LocationView(APIView):
    """`GET /locations`."""

    permission_classes = [MayLookAround]

    @extend_schema(
        operation_id="find_locations",
        summary="Places, as one types",
        description=(
            "The places of which a word begins with `q`, whatever its case and accents: at most "
            "ten, those with most rooms first."
        ),
        tags=["rooms"],
        parameters=[inputs.LocationInput],
        responses=answers({200: outputs.FoundLocationsSerializer}),
    )
    def get(self, request: Request) -> Response:
        wanted = inputs.LocationInput(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        found = catalogue.find_locations(wanted.validated_data["q"])
        return Response(outputs.FoundLocationsSerializer({"results": found}).data)
