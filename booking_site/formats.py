"""How dates, times, amounts and zones are written in the language that is active."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    format_timedelta,
    get_timezone_gmt,
    get_timezone_name,
)
from babel.numbers import format_currency, get_currency_symbol
from django.conf import settings
from django.utils.translation import get_language, gettext


def long_date(day: date) -> str:
    """Return a date with its weekday in full: "Monday, October 5, 2026"."""
    return format_date(day, "full", locale=_locale())


def short_date(day: date) -> str:
    """Return a date with its weekday, abbreviated: "Mon, Oct 5, 2026"."""
    return format_skeleton("yMMMEd", day, locale=_locale())


def clock_time(at: time) -> str:
    """Return a time of day to the minute: "3:00 PM", "15:00"."""
    return format_time(at, "short", locale=_locale())


def instant(at: datetime, zone: str) -> str:
    """Return an instant as the clocks of an IANA time zone show it, with the zone's name.

    The name is the one of that day, in summer another than in winter, and goes with the distance
    from UTC: "Monday, October 5, 2026 at 3:00 PM (Western European Summer Time, UTC+01:00)".
    """
    local = at.astimezone(ZoneInfo(zone))
    name = get_timezone_name(local, width="long", locale=_locale())
    offset = get_timezone_gmt(local, width="iso8601", locale=_locale())
    return f"{_date_and_time(local)} ({name}, UTC{offset})"


def utc_instant(at: datetime) -> str:
    """Return an instant in UTC: "Monday, October 5, 2026 at 2:00 PM UTC"."""
    return f"{_date_and_time(at.astimezone(UTC))} UTC"


def money(amount: Decimal, currency: str) -> str:
    """Return an amount with as many digits as its currency has: "€100.00", "¥100", "KWD 1.500"."""
    pattern = _locale().currency_formats["standard"].pattern
    if get_currency_symbol(currency, locale=_locale())[-1].isalpha():
        # The spacing of letters beside digits that CLDR asks for and Babel leaves out.
        pattern = pattern.replace("¤#", "¤\N{NO-BREAK SPACE}#")
    return format_currency(amount, currency, format=pattern, locale=_locale())


def duration(length: timedelta) -> str:
    """Return a length of time in its largest unit: "3 days", "60 minutes" are "1 hour"."""
    return format_timedelta(length, threshold=1, locale=_locale())


def _date_and_time(local: datetime) -> str:
    return gettext("%(date)s at %(time)s") % {
        "date": long_date(local.date()),
        "time": clock_time(local.time()),
    }


def _locale() -> Locale:
    return Locale.parse(get_language() or settings.LANGUAGE_CODE, sep="-")
