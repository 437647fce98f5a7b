"""What the calls of the rooms API answer. Amounts are strings in the currency named beside them."""

from typing import Any

from rest_framework import serializers

from booking_site.money import round_to_minor_unit
from booking_site.openapi import FieldErrorSerializer
from rooms.api.fields import LocalTimeField, MoneyField
from rooms.models import Room


class PlaceSummarySerializer(serializers.Serializer[Any]):
    """The property of a search result."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166-1, two letters.")
    timezone = serializers.CharField(help_text="IANA name. All dates are of this time zone.")


class FoundRoomSerializer(serializers.Serializer[Any]):
    """A room that fits the search.

    With dates `from_price` is null; without dates `total_price`, `average_price_per_night` and
    `available_units` are.
    """

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    location = serializers.CharField()
    capacity = serializers.IntegerField(help_text="Guests that one unit sleeps.")
    amenities = serializers.ListField(child=serializers.CharField())
    currency = serializers.CharField(help_text="ISO 4217.")
    price_per_night = MoneyField(help_text="One unit, on nights that have no rate of their own.")
    total_price = MoneyField(allow_null=True, help_text="All units and nights of the stay.")
    average_price_per_night = MoneyField(allow_null=True, help_text="One unit, over the stay.")
    from_price = MoneyField(
        allow_null=True,
        help_text="One unit, the cheapest of the next 90 nights on which the units are free. "
        "Null if there is none.",
    )
    available_units = serializers.IntegerField(
        allow_null=True, help_text="Free on every night of the stay."
    )
    property = PlaceSummarySerializer(source="place")


class FoundRoomsSerializer(serializers.Serializer[Any]):
    """One page of results."""

    count = serializers.IntegerField(help_text="Results on all pages together.")
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    has_next = serializers.BooleanField()
    results = FoundRoomSerializer(many=True)


class CancellationPolicySerializer(serializers.Serializer[Any]):
    """What cancelling costs, for any stay. A quote names the exact instant for one stay."""

    free_until_days_before_check_in = serializers.IntegerField(source="free_cancellation_days")
    fee_percent = serializers.IntegerField(
        source="cancellation_fee_percent", help_text="Of the total price, owed after that."
    )


class PropertySerializer(serializers.Serializer[Any]):
    """The property of a room."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField()
    description = serializers.CharField()
    location = serializers.CharField()
    country = serializers.CharField(help_text="ISO 3166-1, two letters.")
    address = serializers.CharField(help_text="Empty if unknown.")
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    timezone = serializers.CharField(help_text="IANA name. All dates are of this time zone.")
    check_in_time = LocalTimeField()
    check_out_time = LocalTimeField()
    cancellation = CancellationPolicySerializer(source="*")
    contact_email = serializers.CharField(help_text="Empty if unknown.")


class RoomSerializer(serializers.Serializer[Room]):
    """All facts of a room."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    location = serializers.CharField()
    capacity = serializers.IntegerField(help_text="Guests that one unit sleeps.")
    total_inventory = serializers.IntegerField(help_text="Identical units of this room.")
    amenities = serializers.ListField(child=serializers.CharField())
    price_per_night = serializers.SerializerMethodField(
        help_text="One unit, on nights that have no rate of their own."
    )
    currency = serializers.CharField(source="property.currency", help_text="ISO 4217.")
    property = PropertySerializer()

    def get_price_per_night(self, room: Room) -> str:
        return str(round_to_minor_unit(room.price_per_night, room.property.currency))


class CalendarNightSerializer(serializers.Serializer[Any]):
    """One night of a room."""

    date = serializers.DateField(help_text="The date on which the night begins, at the property.")
    available_units = serializers.IntegerField()
    price = MoneyField(help_text="One unit.")
    min_stay = serializers.IntegerField(help_text="Fewest nights of a stay that arrives here.")
    closed_to_arrival = serializers.BooleanField()
    closed_to_departure = serializers.BooleanField()


class CalendarSerializer(serializers.Serializer[Any]):
    """The nights of a range that are on sale, in order. A date that is missing can't be booked."""

    room_id = serializers.UUIDField()
    currency = serializers.CharField(help_text="ISO 4217.")
    start = serializers.DateField(help_text="The first date of the range.")
    end = serializers.DateField(help_text="The date after the last one.")
    nights = CalendarNightSerializer(many=True)


class QuotedNightSerializer(serializers.Serializer[Any]):
    """One night of a stay."""

    date = serializers.DateField()
    price = MoneyField(allow_null=True, help_text="One unit. Null if the night is not on sale.")
    available = serializers.BooleanField(help_text="Whether the units are free.")


class CancellationTermsSerializer(serializers.Serializer[Any]):
    """What cancelling this stay would cost."""

    free_until = serializers.DateTimeField(help_text="An instant, UTC.")
    fee_percent = serializers.IntegerField(help_text="Of the total price, owed after that.")


class QuoteSerializer(serializers.Serializer[Any]):
    """What a stay would cost, and what stands against it. It binds nobody."""

    room_id = serializers.UUIDField()
    check_in = serializers.DateField(source="stay.check_in")
    check_out = serializers.DateField(source="stay.check_out")
    guests = serializers.IntegerField()
    units = serializers.IntegerField()
    currency = serializers.CharField(help_text="ISO 4217.")
    nights = QuotedNightSerializer(many=True)
    total_price = MoneyField(
        allow_null=True, help_text="All units and nights. Null if a night is not on sale."
    )
    average_price_per_night = MoneyField(allow_null=True, help_text="One unit.")
    available = serializers.BooleanField(help_text="Whether it could be booked just now.")
    sold_out_nights = serializers.ListField(child=serializers.DateField())
    restrictions = FieldErrorSerializer(
        many=True, help_text="The rules of the property that the stay breaks."
    )
    cancellation = CancellationTermsSerializer()


class FoundLocationSerializer(serializers.Serializer[Any]):
    """A place where rooms can be searched."""

    location = serializers.CharField(help_text="What `GET /rooms` takes as `location`.")
    country = serializers.CharField(help_text="ISO 3166-1, two letters.")
    properties = serializers.IntegerField()
    rooms = serializers.IntegerField()


class FoundLocationsSerializer(serializers.Serializer[Any]):
    """The places that fit, those with most rooms first."""

    results = FoundLocationSerializer(many=True)
