"""What can be booked: properties, their rooms and the nights of each room."""

from datetime import time
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from booking_site.ids import new_id
from booking_site.money import DECIMAL_PLACES, MAX_DIGITS, minor_unit
from rooms.locations import location_key


def validate_timezone(name: str) -> None:
    """Raise ValidationError unless `name` is an IANA time zone."""
    if name not in available_timezones():
        raise ValidationError("%(name)s is not an IANA time zone.", params={"name": name})


def validate_currency(code: str) -> None:
    """Raise ValidationError unless `code` is an ISO 4217 currency."""
    try:
        minor_unit(code)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class Property(models.Model):
    """A hotel, hostel or apartment house: one address, one time zone, one currency, one policy.

    Guests may cancel without a fee until `check_in_time` of the day that lies
    `free_cancellation_days` before check-in; after that they owe `cancellation_fee_percent` of the
    total price.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=100, unique=True)
    description = models.TextField(blank=True)
    location = models.CharField(max_length=120, help_text="The city, as guests search for it.")
    location_key = models.CharField(max_length=240, editable=False, db_index=True)
    country = models.CharField(
        max_length=2,
        validators=[RegexValidator(r"^[A-Z]{2}$", "Use the ISO 3166-1 code, such as PT.")],
    )
    address = models.CharField(max_length=300, blank=True)
    latitude = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    timezone = models.CharField(max_length=64, validators=[validate_timezone])
    currency = models.CharField(max_length=3, validators=[validate_currency])
    check_in_time = models.TimeField(default=time(15))
    check_out_time = models.TimeField(default=time(11))
    free_cancellation_days = models.PositiveSmallIntegerField(default=2)
    cancellation_fee_percent = models.PositiveSmallIntegerField(
        default=100, validators=[MaxValueValidator(100)]
    )
    contact_email = models.EmailField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "properties"
        constraints = [
            models.CheckConstraint(
                condition=Q(cancellation_fee_percent__lte=100), name="property_fee_is_a_percentage"
            ),
            # What the rooms' foreign key of migration 0002 points at.
            models.UniqueConstraint(
                fields=["id", "location", "location_key"], name="property_location_of_rooms"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the key by which searches find the location.

        The database hands a changed location on to the property's rooms.
        """
        self.location_key = location_key(self.location)
        super().save(*args, **kwargs)


class Room(models.Model):
    """A room type: `total_inventory` identical units that are sold by the night.

    `price_per_night` is the rate of one unit on nights that have none of their own. `location` and
    `location_key` are the property's, kept equal by a foreign key of the database.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    property = models.ForeignKey(Property, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    price_per_night = models.DecimalField(
        max_digits=MAX_DIGITS,
        decimal_places=DECIMAL_PLACES,
        validators=[MinValueValidator(Decimal(0))],
    )
    location = models.CharField(max_length=120, editable=False)
    location_key = models.CharField(max_length=240, editable=False)
    capacity = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1)], help_text="Guests that one unit sleeps."
    )
    total_inventory = models.PositiveIntegerField(help_text="Identical units of this room.")
    amenities = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    # What the address of the room's calendar is derived from (booking_site.secret_links).
    calendar_nonce = models.UUIDField(unique=True, db_default=RandomUUID(), editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(price_per_night__gte=0), name="room_price_not_negative"
            ),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="room_sleeps_somebody"),
        ]
        indexes = [
            models.Index(
                fields=["location_key", "price_per_night", "id"],
                name="room_location_price",
                condition=Q(is_active=True),
            ),
            GinIndex(fields=["amenities"], name="room_amenities"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.property}"


class RoomAvailability(models.Model):
    """One night of a room: the night that begins on `date`, a date of the property's time zone.

    `total_inventory` are the units that exist that night, `available_count` those still free.
    `price` is the rate of one unit for this night, null for the room's own. Restrictions bind stays
    that arrive (`min_stay`, in nights, and `closed_to_arrival`) or depart (`closed_to_departure`)
    on `date`. Only `rooms.inventory` writes `available_count`.
    """

    pk = models.CompositePrimaryKey("room", "date")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="nights")
    date = models.DateField()
    total_inventory = models.PositiveIntegerField()
    available_count = models.PositiveIntegerField()
    price = models.DecimalField(
        max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    min_stay = models.PositiveSmallIntegerField(default=1)
    closed_to_arrival = models.BooleanField(default=False)
    closed_to_departure = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "room availability"
        constraints = [
            models.CheckConstraint(
                condition=Q(available_count__gte=0), name="night_never_oversold"
            ),
            models.CheckConstraint(
                condition=Q(available_count__lte=F("total_inventory")),
                name="night_never_released_twice",
            ),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="night_price_not_negative"
            ),
            models.CheckConstraint(condition=Q(min_stay__gte=1), name="night_min_stay_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.date}: {self.available_count} of {self.total_inventory} free"


class RoomBlock(models.Model):
    """Units that staff took out of sale for the nights `[start, end)`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="blocks")
    start = models.DateField()
    end = models.DateField()
    units = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="block_has_nights"),
            models.CheckConstraint(condition=Q(units__gte=1), name="block_has_units"),
        ]
        indexes = [models.Index(fields=["room", "start", "end"], name="block_room_dates")]

    def __str__(self) -> str:
        return f"{self.units} × {self.room}, {self.start} to {self.end}"
