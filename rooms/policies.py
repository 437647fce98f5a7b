"""What a property's rules mean for one stay."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from booking_site.money import round_to_minor_unit
from rooms.models import Property
from rooms.stays import Stay


@dataclass(frozen=True, kw_only=True)
class CancellationTerms:
    """Until when a stay can be cancelled for nothing (UTC), and what is owed after that."""

    free_until: datetime
    fee_percent: int

    def fee(self, total_price: Decimal, currency: str, *, at: datetime) -> Decimal:
        """Return what cancelling at this instant costs, in the currency of the price."""
        if at <= self.free_until:
            return Decimal(0)
        return round_to_minor_unit(total_price * self.fee_percent / 100, currency)


def cancellation_terms(place: Property, stay: Stay) -> CancellationTerms:
    """Return the property's cancellation terms for a stay."""
    last_free_day = stay.check_in - timedelta(days=place.free_cancellation_days)
    local = datetime.combine(last_free_day, place.check_in_time, ZoneInfo(place.timezone))
    return CancellationTerms(
        free_until=local.astimezone(UTC), fee_percent=place.cancellation_fee_percent
    )


def local_today(place: Property, now: datetime) -> date:
    """Return the date that the property's clock shows at an instant."""
    return now.astimezone(ZoneInfo(place.timezone)).date()
