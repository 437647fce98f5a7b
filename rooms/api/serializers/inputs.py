"""What the calls of the rooms API take. Everything is checked before a query is made.

Every serializer here needs the instant of the request as `now` in its context.
"""

from calendar import monthrange
from datetime import date
from typing import Any

from django.conf import settings
from rest_framework import serializers

from booking_site.money import DECIMAL_PLACES, MAX_DIGITS
from booking_site.problems import FieldError
from rooms.selectors.search import RoomSearch
from rooms.selectors.search_sql import Ordering
from rooms.stay_rules import Today, wrong_dates
from rooms.stays import Stay

MAX_GUESTS = 1_000
MAX_PAGE = 10_000
MAX_PAGE_SIZE = 100
MAX_AMENITIES = 20
MAX_CALENDAR_NIGHTS = 62


def _invalid(field: str, code: str, detail: str) -> serializers.ValidationError:
    return serializers.ValidationError({field: [serializers.ErrorDetail(detail, code)]})


def _stay(check_in: date, check_out: date, today: Today) -> Stay:
    """Return the stay, or raise ValidationError with all that is wrong about its dates."""
    if check_in >= check_out:
        raise _invalid("check_out", "not-after-check-in", "Check-out must lie after check-in.")
    stay = Stay(check_in, check_out)
    errors: dict[str, list[serializers.ErrorDetail]] = {}
    for error in wrong_dates(stay, today):
        errors.setdefault(error.field, []).append(_detail_of(error))
    if errors:
        raise serializers.ValidationError(errors)
    return stay


def _detail_of(error: FieldError) -> serializers.ErrorDetail:
    return serializers.ErrorDetail(error.detail, error.code)


class PartyInput(serializers.Serializer[Any]):
    """Who comes, and how many units they want."""

    guests = serializers.IntegerField(
        default=1, min_value=1, max_value=MAX_GUESTS, help_text="All guests in all units together."
    )
    units = serializers.IntegerField(
        default=1,
        min_value=1,
        max_value=settings.MAX_BOOKING_UNITS,
        help_text="Identical units of one room.",
    )

    @property
    def today(self) -> Today:
        """The dates that it is somewhere on earth at the moment of the request."""
        return Today.anywhere(self.context["now"])


class QuoteInput(PartyInput):
    """The stay to quote."""

    check_in = serializers.DateField(help_text="Date of arrival, at the property.")
    check_out = serializers.DateField(help_text="Date of departure, at the property.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Replace the two dates by `stay`."""
        stay = _stay(attrs.pop("check_in"), attrs.pop("check_out"), self.today)
        return {**attrs, "stay": stay}


class SearchInput(PartyInput):
    """What to search for."""

    location = serializers.CharField(
        max_length=120, help_text="The city, as `GET /locations` spells it or without its accents."
    )
    check_in = serializers.DateField(required=False, help_text="With `check_out` or not at all.")
    check_out = serializers.DateField(required=False, help_text="With `check_in` or not at all.")
    price_min = serializers.DecimalField(
        required=False, min_value=0, max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES
    )
    price_max = serializers.DecimalField(
        required=False,
        min_value=0,
        max_digits=MAX_DIGITS,
        decimal_places=DECIMAL_PLACES,
        help_text="Like `price_min` per unit and night, on average over the stay.",
    )
    amenities = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=MAX_AMENITIES * 60,
        help_text="Comma separated, such as `wifi,parking`. The room has all of them.",
    )
    ordering = serializers.ChoiceField(
        choices=[ordering.value for ordering in Ordering], default=Ordering.PRICE.value
    )
    page = serializers.IntegerField(default=1, min_value=1, max_value=MAX_PAGE)
    page_size = serializers.IntegerField(default=20, min_value=1, max_value=MAX_PAGE_SIZE)

    def validate_amenities(self, amenities: str) -> tuple[str, ...]:
        """Return the members of the list."""
        members = (member.strip() for member in amenities.split(","))
        return tuple(member for member in members if member)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Replace the two dates by `stay`, None if there are none."""
        check_in, check_out = attrs.pop("check_in", None), attrs.pop("check_out", None)
        if (check_in is None) != (check_out is None):
            missing = "check_in" if check_in is None else "check_out"
            raise _invalid(missing, "required", "Give both dates or none.")
        if attrs.get("price_min", 0) > attrs.get("price_max", attrs.get("price_min", 0)):
            raise _invalid("price_max", "less-than-price-min", "It must not be below price_min.")
        stay = None if check_in is None else _stay(check_in, check_out, self.today)
        return {**attrs, "stay": stay}

    def search(self) -> RoomSearch:
        """Return the validated search."""
        ordering = Ordering(self.validated_data["ordering"])
        return RoomSearch(**{**self.validated_data, "ordering": ordering})


class CalendarInput(serializers.Serializer[Any]):
    """Which nights of the calendar to show: a month, or some nights from a date on."""

    month = serializers.RegexField(
        r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])\Z", required=False, help_text="Such as 2027-02."
    )
    start = serializers.DateField(required=False, help_text="With `nights` or not at all.")
    nights = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_CALENDAR_NIGHTS,
        help_text="With `start` or not at all.",
    )

    def validate_month(self, month: str) -> date:
        """Return the month's first day."""
        return self.validate_start(date.fromisoformat(f"{month}-01"))

    def validate_start(self, start: date) -> date:
        """Refuse what lies beyond the horizon, up to dates that no calendar has."""
        horizon = Today.anywhere(self.context["now"]).horizon
        if start > horizon:
            raise serializers.ValidationError(
                f"Nothing is on sale after {horizon}.", "beyond-horizon"
            )
        return start

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check that one of the three ways to ask was taken."""
        if ("start" in attrs) != ("nights" in attrs):
            missing = "start" if "nights" in attrs else "nights"
            raise _invalid(missing, "required", "Give start and nights together.")
        if "month" in attrs and "start" in attrs:
            raise _invalid("month", "ambiguous", "Give a month, or start and nights.")
        return attrs

    def nights_to_show(self, today: date) -> Stay:
        """Return the nights that were asked for, those of `today`'s month if none were."""
        given: dict[str, Any] = self.validated_data
        if "start" in given:
            return Stay.of_nights(given["start"], given["nights"])
        first = given.get("month", today.replace(day=1))
        return Stay.of_nights(first, monthrange(first.year, first.month)[1])


class LocationInput(serializers.Serializer[Any]):
    """What was typed so far."""

    q = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=120,
        help_text="The beginning of a word of the place. Empty: the places with most rooms.",
    )
