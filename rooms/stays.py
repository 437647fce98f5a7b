"""The stay: nights between check-in and check-out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, order=True)
class Stay:
    """The nights `[check_in, check_out)`, in dates of the property's time zone.

    A stay of one night has its check-out on the day after its check-in. Raises ValueError when
    there is no night in between.
    """

    check_in: date
    check_out: date

    def __post_init__(self) -> None:
        if self.check_in >= self.check_out:
            raise ValueError("check-out must lie after check-in")

    @classmethod
    def of_nights(cls, check_in: date, nights: int) -> "Stay":
        """Return the stay that begins at `check_in` and has this many nights."""
        return cls(check_in, check_in + timedelta(days=nights))

    @property
    def nights(self) -> int:
        """How many nights the stay has."""
        return (self.check_out - self.check_in).days

    def dates(self) -> Iterator[date]:
        """Yield the date on which each night begins, in order."""
        for offset in range(self.nights):
            yield self.check_in + timedelta(days=offset)

    def shifted(self, days: int) -> "Stay":
        """Return the stay of the same length that begins so many days later."""
        by = timedelta(days=days)
        return Stay(self.check_in + by, self.check_out + by)

    def __contains__(self, night: date) -> bool:
        return self.check_in <= night < self.check_out

    def __str__(self) -> str:
        return f"{self.check_in} to {self.check_out}"
