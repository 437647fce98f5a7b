"""Bookings, what each of their nights cost, and the answers kept for retries."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User
from booking_site.ids import new_id
from booking_site.money import DECIMAL_PLACES, MAX_DIGITS
from rooms.models import Room
from rooms.policies import CancellationTerms
from rooms.stays import Stay


class BookingStatus(models.TextChoices):
    """Pending and confirmed bookings hold their nights, cancelled ones hold none."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


class CancellationReason(models.TextChoices):
    """Who or what ended a booking."""

    GUEST = "guest"
    STAFF = "staff"
    HOLD_EXPIRED = "hold_expired"


ACTIVE = (BookingStatus.PENDING, BookingStatus.CONFIRMED)


class BookingQuerySet(models.QuerySet["Booking"]):
    """What can be asked of bookings."""

    def of(self, user_id: UUID) -> "BookingQuerySet":
        """Only the bookings of this user."""
        return self.filter(user_id=user_id)

    def active(self) -> "BookingQuerySet":
        """Only bookings that hold their nights."""
        return self.filter(status__in=ACTIVE)

    def overlapping(self, stay: Stay) -> "BookingQuerySet":
        """Only bookings that have a night in common with the stay."""
        return self.filter(check_in__lt=stay.check_out, check_out__gt=stay.check_in)

    def expired_holds(self) -> "BookingQuerySet":
        """Only holds that ran out, by the database's clock at the moment of the query."""
        return self.filter(status=BookingStatus.PENDING, hold_expires_at__lte=ClockTimestamp())

    def expiring_holds(self, *, within: timedelta) -> "BookingQuerySet":
        """Only holds that will run out within this time, by the database's clock."""
        return self.filter(
            status=BookingStatus.PENDING,
            hold_expires_at__gt=ClockTimestamp(),
            hold_expires_at__lte=ClockTimestamp() + within,
        )


class ClockTimestamp(Now):
    """The database's clock now, unlike `now()` not frozen at the transaction's start."""

    template = "CLOCK_TIMESTAMP()"


class Booking(models.Model):
    """Units of one room for the nights `[check_in, check_out)`.

    `total_price` is for all units and nights, in `currency`. `free_cancellation_until` (an instant,
    UTC) and `cancellation_fee_percent` are the property's policy on the day the stay was booked.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    reference = models.CharField(max_length=10, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="bookings")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="bookings")
    check_in = models.DateField()
    check_out = models.DateField()
    units = models.PositiveSmallIntegerField(default=1)
    guests = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=BookingStatus)
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    expiry_warned_at = models.DateTimeField(null=True, blank=True, editable=False)
    total_price = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    currency = models.CharField(max_length=3)
    guest_name = models.CharField(max_length=150, blank=True)
    note = models.TextField(max_length=1000, blank=True)
    free_cancellation_until = models.DateTimeField()
    cancellation_fee_percent = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancellation_fee = models.DecimalField(
        max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True
    )
    cancellation_reason = models.CharField(
        max_length=12, choices=CancellationReason, blank=True, default=""
    )
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(auto_now=True)

    objects = BookingQuerySet.as_manager()

    # Filled by whoever loads or makes a booking for display, in the order of the nights.
    night_list: "list[BookingNight]"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(check_in__lt=F("check_out")), name="booking_has_nights"
            ),
            models.CheckConstraint(condition=Q(units__gte=1), name="booking_has_units"),
            models.CheckConstraint(condition=Q(guests__gte=1), name="booking_has_guests"),
            models.CheckConstraint(
                condition=Q(total_price__gte=0), name="booking_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(status__in=BookingStatus.values), name="booking_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status=BookingStatus.PENDING, hold_expires_at__isnull=False)
                | (~Q(status=BookingStatus.PENDING) & Q(hold_expires_at__isnull=True)),
                name="booking_only_holds_expire",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=BookingStatus.CANCELLED,
                    cancelled_at__isnull=False,
                    cancellation_fee__isnull=False,
                    cancellation_reason__in=CancellationReason.values,
                )
                | (
                    ~Q(status=BookingStatus.CANCELLED)
                    & Q(
                        cancelled_at__isnull=True,
                        cancellation_fee__isnull=True,
                        cancellation_reason="",
                    )
                ),
                name="booking_cancelled_or_not",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="booking_of_user"),
            models.Index(
                fields=["room", "check_in", "check_out"],
                name="booking_active_nights",
                condition=Q(status__in=ACTIVE),
            ),
            models.Index(
                fields=["hold_expires_at"],
                name="booking_expiring_holds",
                condition=Q(status=BookingStatus.PENDING),
            ),
            models.Index(
                fields=["check_in"],
                name="booking_arrivals",
                condition=Q(status=BookingStatus.CONFIRMED),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def stay(self) -> Stay:
        """The nights of the booking."""
        return Stay(self.check_in, self.check_out)

    @property
    def is_active(self) -> bool:
        """Whether the booking holds its nights."""
        return self.status in ACTIVE

    @property
    def cancellation_terms(self) -> CancellationTerms:
        """The terms that were frozen with the booking."""
        return CancellationTerms(
            free_until=self.free_cancellation_until, fee_percent=self.cancellation_fee_percent
        )

    def has_expired(self, clock: datetime) -> bool:
        """Whether this is or was a hold that ran out by this instant (UTC)."""
        if self.status == BookingStatus.PENDING:
            return self.hold_expires_at is not None and self.hold_expires_at <= clock
        return self.cancellation_reason == CancellationReason.HOLD_EXPIRED

    def fee_at(self, instant: datetime) -> Decimal:
        """Return what cancelling at this instant (UTC) costs; a hold costs nothing."""
        if self.status != BookingStatus.CONFIRMED:
            return Decimal(0)
        return self.cancellation_terms.fee(self.total_price, self.currency, at=instant)


class BookingNight(models.Model):
    """What one unit costs on one night of a booking, frozen when that night was booked."""

    pk = models.CompositePrimaryKey("booking", "date")
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="nights")
    date = models.DateField()
    price = models.DecimalField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(price__gte=0), name="booking_night_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date}: {self.price}"


class IdempotencyRecord(models.Model):
    """The answer to a request that carried an `Idempotency-Key`, kept for retries.

    The row is written in the transaction that does the work, so that either both exist or neither.
    `fingerprint` is the SHA-256 of what was asked, to tell a retry from another request. The body
    is kept as JSON text, since `jsonb` would give its members back in another order.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    response_status = models.PositiveSmallIntegerField(db_default=0)
    response_body = models.TextField(db_default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_of_user"),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return self.key
