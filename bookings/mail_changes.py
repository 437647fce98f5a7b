"""What mails say of a change, in the language that is active."""

from dataclasses import dataclass

from django.utils.translation import gettext

from booking_site import formats
from bookings.mail_facts import StayFacts


@dataclass(frozen=True, kw_only=True)
class Change:
    """One fact before and after."""

    label: str
    before: str
    after: str

    @property
    def changed(self) -> bool:
        """Whether it is another than before."""
        return self.before != self.after


def changes(before: StayFacts, after: StayFacts) -> list[Change]:
    """Return old and new side by side, what stayed the same included."""
    return [
        Change(label=label, before=old, after=new)
        for label, old, new in [
            (gettext("Check-in"), before.short_check_in, after.short_check_in),
            (gettext("Check-out"), before.short_check_out, after.short_check_out),
            (gettext("Nights"), before.night_count, after.night_count),
            (gettext("Guests"), before.guests, after.guests),
            (gettext("Rooms"), before.units, after.units),
            (gettext("Total"), before.total, after.total),
        ]
    ]


def price_difference(before: StayFacts, after: StayFacts) -> str:
    """Return in words how the total changed."""
    difference = after.total_price - before.total_price
    amount = formats.money(abs(difference), after.currency)
    if difference > 0:
        return gettext("The new total is %(amount)s higher.") % {"amount": amount}
    if difference < 0:
        return gettext("The new total is %(amount)s lower.") % {"amount": amount}
    return gettext("The total stays the same.")
