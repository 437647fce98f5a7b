"""Files of bookings in the form of the published one, with the columns that a replay reads."""

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FIRST_ARRIVAL = date(2015, 7, 1)


def line(
    *,
    hotel: str = "City Hotel",
    room_type: str = "C",
    arrival: date = FIRST_ARRIVAL,
    lead_time: int = 10,
    nights: int = 2,
    adults: object = 2,
    children: object = 0,
    adr: object = "80.5",
    cancelled_on: date | None = None,
) -> dict[str, Any]:
    """Return a booking of two nights for two; City Hotel has two rooms of type C."""
    return {
        "hotel": hotel,
        "is_canceled": int(cancelled_on is not None),
        "lead_time": lead_time,
        "arrival_date_year": arrival.year,
        "arrival_date_month": arrival.strftime("%B"),
        "arrival_date_day_of_month": arrival.day,
        "stays_in_weekend_nights": nights // 2,
        "stays_in_week_nights": nights - nights // 2,
        "adults": adults,
        "children": children,
        "reserved_room_type": f"{room_type}               ",
        "adr": adr,
        "reservation_status": "Canceled" if cancelled_on else "Check-Out",
        "reservation_status_date": cancelled_on or arrival + timedelta(days=nights),
    }


def write(path: Path, lines: Iterable[dict[str, Any]]) -> Path:
    """Write the bookings; the first one stands on line 2."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(line()))
        writer.writeheader()
        writer.writerows(lines)
    return path


# What a serial replay makes of it stands beside each line.
STORY = [
    line(lead_time=10),  # 2: accepted
    line(lead_time=9, cancelled_on=date(2015, 6, 25)),  # 3: accepted, then cancelled
    line(lead_time=8),  # 4: sold out
    line(lead_time=6, nights=1),  # 5: sold out, since line 3 is cancelled later on that day
    line(lead_time=5, nights=1, children=1),  # 6: accepted in its place
    line(lead_time=4, cancelled_on=FIRST_ARRIVAL),  # 7: sold out, so nothing to cancel
    line(lead_time=3, nights=0),  # 8: no nights
    line(lead_time=3, adults=0, children="NA"),  # 9: no guests
    line(lead_time=3, nights=0, adults=0, cancelled_on=FIRST_ARRIVAL),  # 10: no nights
    line(room_type="A", lead_time=2, adr="-6.38", nights=3),  # 11: accepted, for nothing
    line(hotel="Resort Hotel", room_type="L", lead_time=0, cancelled_on=FIRST_ARRIVAL),  # 12
    line(hotel="Resort Hotel", room_type="P", lead_time=0),  # 13: sold out, there is no such room
]
EVENTS = len(STORY) + 3
FIGURES = {
    "events": EVENTS,
    "accepted": 5,
    "refused": {"no nights": 2, "no guests": 1, "sold out": 4},
    "cancelled": 2,
    "nothing_to_cancel": 1,
    "negative_prices_raised_to_zero": 1,
    "room_nights_held": 2 + 1 + 3,
}
