"""What the bookings API takes and gives."""

from datetime import datetime
from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from booking_site.money import round_to_minor_unit
from bookings.api.fields import AmountField
from bookings.models import Booking, BookingNight, BookingStatus, CancellationReason
from bookings.orders import CHECK_OUT_NOT_AFTER_CHECK_IN, BookingChange, Wish
from rooms.api.fields import LocalTimeField
from rooms.models import Property, Room
from rooms.stays import Stay

# No room sleeps as many; the room's own capacity is checked against the room.
MAX_GUESTS = 1000


class _StayInput(serializers.Serializer[Any]):
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check that there is a night between the dates, where both are given."""
        check_in, check_out = attrs.get("check_in"), attrs.get("check_out")
        if check_in and check_out and check_in >= check_out:
            detail = ErrorDetail(CHECK_OUT_NOT_AFTER_CHECK_IN, code="not-after-check-in")
            raise serializers.ValidationError({"check_out": [detail]})
        return attrs


class BookingInput(_StayInput):
    """What to book."""

    room_id = serializers.UUIDField()
    check_in = serializers.DateField(help_text="Date of arrival, at the property.")
    check_out = serializers.DateField(help_text="Date of departure, at the property.")
    guests = serializers.IntegerField(
        min_value=1, max_value=MAX_GUESTS, help_text="All guests in all units together."
    )
    units = serializers.IntegerField(
        min_value=1, max_value=settings.MAX_BOOKING_UNITS, default=1, help_text="Identical units."
    )
    hold = serializers.BooleanField(
        default=False, help_text="Only hold the nights for some minutes, to be confirmed."
    )
    guest_name = serializers.CharField(max_length=150, allow_blank=True, default="")
    note = serializers.CharField(
        max_length=1000, allow_blank=True, default="", help_text="For the property's staff."
    )

    def wish(self) -> Wish:
        """Return what is wanted of the room."""
        given = self.validated_data
        return Wish(
            stay=Stay(given["check_in"], given["check_out"]),
            guests=given["guests"],
            units=given["units"],
        )


class BookingChangeInput(_StayInput):
    """What to change; what is left out stays as it is."""

    check_in = serializers.DateField(required=False)
    check_out = serializers.DateField(required=False)
    guests = serializers.IntegerField(min_value=1, max_value=MAX_GUESTS, required=False)
    units = serializers.IntegerField(
        min_value=1, max_value=settings.MAX_BOOKING_UNITS, required=False
    )

    def change(self) -> BookingChange:
        """Return the wanted change."""
        return BookingChange(**self.validated_data)


class BookedPropertySerializer(serializers.ModelSerializer[Property]):
    """Where the room is."""

    check_in_time = LocalTimeField()
    check_out_time = LocalTimeField()

    class Meta:
        model = Property
        fields = [
            "id",
            "name",
            "slug",
            "location",
            "country",
            "address",
            "timezone",
            "check_in_time",
            "check_out_time",
        ]


class BookedRoomSerializer(serializers.ModelSerializer[Room]):
    """The room that was booked."""

    property = BookedPropertySerializer()

    class Meta:
        model = Room
        fields = ["id", "name", "property"]


class BookingNightSerializer(serializers.ModelSerializer[BookingNight]):
    """What one unit costs on one night."""

    price = AmountField(amount="price", currency="booking.currency")

    class Meta:
        model = BookingNight
        fields = ["date", "price"]


class CancellationSerializer(serializers.Serializer[Booking]):
    """Until when cancelling is free, what it costs now, and what it did cost."""

    free_until = serializers.DateTimeField(source="free_cancellation_until")
    fee_percent = serializers.IntegerField(source="cancellation_fee_percent")
    fee_now = serializers.SerializerMethodField(
        help_text="What cancelling at this moment costs. Null if the booking is cancelled."
    )
    cancelled_at = serializers.DateTimeField(allow_null=True)
    fee = AmountField(amount="cancellation_fee", currency="currency", allow_null=True)
    reason = serializers.ChoiceField(
        source="cancellation_reason", choices=CancellationReason.choices, allow_blank=True
    )

    def get_fee_now(self, booking: Booking) -> str | None:
        """Return the fee at the instant of the request."""
        if not booking.is_active:
            return None
        now: datetime = self.context["now"]
        return str(round_to_minor_unit(booking.fee_at(now), booking.currency))


class BookingSummarySerializer(serializers.ModelSerializer[Booking]):
    """A booking in a list."""

    room_id = serializers.UUIDField()
    room = BookedRoomSerializer()
    status = serializers.ChoiceField(choices=BookingStatus.choices)
    total_price = AmountField(amount="total_price", currency="currency")

    class Meta:
        model = Booking
        fields = [
            "id",
            "reference",
            "status",
            "room_id",
            "room",
            "check_in",
            "check_out",
            "guests",
            "units",
            "total_price",
            "currency",
            "hold_expires_at",
            "created_at",
        ]


class BookingSerializer(BookingSummarySerializer):
    """A booking with every night's price and the terms of cancelling it."""

    nights = BookingNightSerializer(many=True, source="night_list")
    cancellation = CancellationSerializer(source="*")

    class Meta(BookingSummarySerializer.Meta):
        fields = [
            *BookingSummarySerializer.Meta.fields,
            "nights",
            "guest_name",
            "note",
            "cancellation",
        ]


class CalendarLinkSerializer(serializers.Serializer[Any]):
    """Where a calendar is."""

    url = serializers.URLField(help_text="A secret: whoever knows it can read the calendar.")
