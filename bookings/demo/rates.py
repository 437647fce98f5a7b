"""What a night of a demo room costs, by season and weekday."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from bookings.demo.catalogue import RatePlan
from rooms.services import NightRate
from rooms.stays import Stay

_PERCENT_OF_SEASON = {"low": 80, "middle": 100, "high": 130, "peak": 165}
_PEAK_BEGINS = (12, 28)
_PEAK_ENDS = (1, 2)


def rate_of(plan: RatePlan, room_price: Decimal, night: date) -> NightRate:
    """Return price and restrictions of a night; `room_price` is that of the middle season."""
    season = _season(plan, night)
    weekend = night.isoweekday() in plan.weekend
    percent = Decimal(_PERCENT_OF_SEASON[season])
    if weekend:
        percent += percent * plan.weekend_percent / 100
    steps = (room_price * percent / 100 / plan.step).quantize(Decimal(1))
    return NightRate(
        price=steps * plan.step,
        min_stay=_min_stay(plan, season, weekend=weekend),
        closed_to_arrival=night.isoweekday() in plan.closed_to_arrival,
    )


def rate_changes(
    plan: RatePlan, room_price: Decimal, nights: Iterable[date]
) -> Iterator[tuple[Stay, Collection[int], NightRate]]:
    """Yield what `rooms.services.set_rate` is to be told, so that these nights have their rates.

    Within one season a rate depends on the weekday alone, so few calls cover many nights, and none
    covers another night than those given and such as would get the same rate.
    """
    for _, season in groupby(sorted(nights), key=lambda night: _season(plan, night)):
        by_rate: dict[NightRate, list[date]] = defaultdict(list)
        for night in season:
            by_rate[rate_of(plan, room_price, night)].append(night)
        for rate, alike in by_rate.items():
            stay = Stay(alike[0], alike[-1] + timedelta(days=1))
            yield stay, {night.isoweekday() for night in alike}, rate


def _season(plan: RatePlan, night: date) -> str:
    day = (night.month, night.day)
    if day >= _PEAK_BEGINS or day < _PEAK_ENDS:
        return "peak"
    if night.month in plan.high:
        return "high"
    return "low" if night.month in plan.low else "middle"


def _min_stay(plan: RatePlan, season: str, *, weekend: bool) -> int:
    minimum = plan.min_stay.get("any", 1)
    if weekend:
        minimum = max(minimum, plan.min_stay.get(f"{season}_weekend", 1))
    return max(minimum, plan.min_stay.get(season, 1))
