"""The bookings API: a user's own bookings. Another's answer like those that don't exist."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_from_request, override
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.authentication import user_id_of
from accounts.api.permissions import IsActiveUser, IsUser
from booking_site.openapi import answers
from booking_site.problems import NotFound
from bookings import services
from bookings.api.calendar_format import CalendarRenderer, OneFormat, calendar_response
from bookings.api.calendar_views import CALENDAR
from bookings.api.idempotency_key import PARAMETER, idempotency_key
from bookings.api.pagination import NewestFirst
from bookings.api.serializers import (
    BookingChangeInput,
    BookingInput,
    BookingSerializer,
    BookingSummarySerializer,
)
from bookings.calendars import BookingCalendarEntry, booking_calendar
from bookings.idempotency import IdempotencyKeyReused, Json
from bookings.models import Booking, BookingQuerySet
from bookings.orders import BookingOrder
from bookings.selectors import booking_of, bookings_of
from bookings.states import BookingCancelled, HoldExpired, StayHasBegun
from rooms.inventory import SoldOut
from rooms.rates import StayRestricted

_ORDER_EXAMPLE = OpenApiExample(
    "Two nights for two",
    request_only=True,
    value={
        "room_id": "01a20503-5872-7194-9c85-517ee4358df6",
        "check_in": "2027-03-01",
        "check_out": "2027-03-03",
        "guests": 2,
    },
)


@extend_schema(tags=["bookings"])
@extend_schema_view(
    list=extend_schema(
        operation_id="list_bookings",
        summary="List my bookings",
        description="Newest first, by cursor: follow `next` until it is null.",
        responses=answers({200: BookingSummarySerializer(many=True)}, NotFound),
    )
)
class BookingViewSet(mixins.ListModelMixin, GenericViewSet[Booking]):
    """The signed-in user's bookings."""

    pagination_class = NewestFirst
    serializer_class = BookingSummarySerializer
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[Any]:
        """Whoever changes something must still have an account."""
        reads = self.action in ("list", "retrieve", "calendar")
        return [IsUser() if reads else IsActiveUser()]

    def get_queryset(self) -> BookingQuerySet:
        return bookings_of(user_id_of(self.request))

    @extend_schema(
        operation_id="create_booking",
        summary="Book a room, or hold it",
        description=(
            "Takes the units for every night of `[check_in, check_out)`, or none. Confirmed at "
            "once, or with `hold` pending until `hold_expires_at`. Send an `Idempotency-Key`, so "
            "that you can send the request again when the answer got lost."
        ),
        parameters=[PARAMETER],
        request=BookingInput,
        responses=answers(
            {201: BookingSerializer},
            NotFound,
            SoldOut,
            StayRestricted,
            IdempotencyKeyReused,
            body=True,
        ),
        examples=[_ORDER_EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        data = BookingInput(data=request.data)
        data.is_valid(raise_exception=True)
        given = data.validated_data
        order = BookingOrder(
            user_id=user_id_of(request),
            room_id=given["room_id"],
            wish=data.wish(),
            hold=given["hold"],
            guest_name=given["guest_name"],
            note=given["note"],
        )
        now = timezone.now()
        key = idempotency_key(request, order.user_id, given)
        if key is None:
            return _created(self._shown(services.book_room(order, now=now)))
        answer = services.book_room_once(order, key=key, render=self._shown, now=now)
        return _created(answer.body, replayed=answer.replayed)

    @extend_schema(
        operation_id="get_booking",
        summary="Show one of my bookings",
        responses=answers({200: BookingSerializer}, NotFound),
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return self._answer(pk)

    @extend_schema(
        operation_id="confirm_booking",
        summary="Confirm a hold",
        description="A booking that is confirmed already stays as it is.",
        request=None,
        responses=answers({200: BookingSerializer}, NotFound, HoldExpired, BookingCancelled),
    )
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: UUID) -> Response:
        services.confirm_booking(pk, user_id=user_id_of(request))
        return self._answer(pk)

    @extend_schema(
        operation_id="cancel_booking",
        summary="Cancel a booking",
        description=(
            "Puts the nights back on sale. `cancellation.fee_now` of the booking says beforehand "
            "what it costs. A booking that is cancelled already stays as it is."
        ),
        request=None,
        responses=answers({200: BookingSerializer}, NotFound, StayHasBegun),
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: UUID) -> Response:
        services.cancel_booking(pk, user_id=user_id_of(request), now=timezone.now())
        return self._answer(pk)

    @extend_schema(
        operation_id="modify_booking",
        summary="Change dates, units or guests",
        description=(
            "All or nothing: when the new nights are not free, the old ones are kept. Nights that "
            "were booked before keep their price."
        ),
        request=BookingChangeInput,
        responses=answers(
            {200: BookingSerializer},
            NotFound,
            SoldOut,
            StayRestricted,
            HoldExpired,
            BookingCancelled,
            StayHasBegun,
            body=True,
        ),
        examples=[
            OpenApiExample("One night longer", request_only=True, value={"check_out": "2027-03-04"})
        ],
    )
    @action(detail=True, methods=["post"])
    def modify(self, request: Request, pk: UUID) -> Response:
        data = BookingChangeInput(data=request.data)
        data.is_valid(raise_exception=True)
        services.modify_booking(pk, data.change(), user_id=user_id_of(request), now=timezone.now())
        return self._answer(pk)

    @extend_schema(
        operation_id="booking_calendar",
        summary="One of my bookings as a calendar file",
        description="A booking that is cancelled gives a file that takes it out of the calendar.",
        responses=CALENDAR | answers({}, NotFound),
    )
    @action(
        detail=True,
        url_path="calendar.ics",
        renderer_classes=[CalendarRenderer],
        content_negotiation_class=OneFormat,
    )
    def calendar(self, request: Request, pk: UUID) -> Response:
        booking = booking_of(user_id_of(request), pk)
        with override(get_language_from_request(request)):
            file = booking_calendar(
                [BookingCalendarEntry.of_booking(booking)],
                method="PUBLISH" if booking.is_active else "CANCEL",
            )
        return calendar_response(file, filename=f"booking-{booking.reference}.ics")

    def _answer(self, booking_id: UUID) -> Response:
        return Response(self._shown(booking_of(user_id_of(self.request), booking_id)))

    def _shown(self, booking: Booking) -> Json:
        context = {"now": timezone.now()}
        return dict(BookingSerializer(booking, context=context).data)


def _created(body: Json, *, replayed: bool = False) -> Response:
    headers = {"Location": reverse("booking-detail", args=[body["id"]])}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(body, status=status.HTTP_201_CREATED, headers=headers)
