"""The nights of a room, month by month, and the form that sets their rates.

A view of its own because Django 5.2's admin can't register a model with a composite key.
"""

from calendar import monthrange
from contextlib import suppress
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone

from booking_site.money import DECIMAL_PLACES, MAX_DIGITS, minor_unit, round_to_minor_unit
from booking_site.problems import Problem
from rooms import services
from rooms.admin.ranges import clean_range
from rooms.models import Room
from rooms.policies import local_today
from rooms.services import NightRate
from rooms.stays import Stay

# How far from today the calendar can be leafed through.
YEARS_AROUND = 10

WEEKDAYS = [
    (1, "Mon"),
    (2, "Tue"),
    (3, "Wed"),
    (4, "Thu"),
    (5, "Fri"),
    (6, "Sat"),
    (7, "Sun"),
]


class RateForm(forms.Form):
    """What the chosen nights shall cost and ask for, in place of what they had."""

    start = forms.DateField(label="First night", widget=forms.DateInput({"type": "date"}))
    end = forms.DateField(
        label="Up to",
        widget=forms.DateInput({"type": "date"}),
        help_text="The morning after the last night.",
    )
    weekdays = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS,
        coerce=int,
        initial=[number for number, _ in WEEKDAYS],
        widget=forms.CheckboxSelectMultiple,
    )
    price = forms.DecimalField(
        required=False,
        min_value=0,
        max_digits=MAX_DIGITS,
        decimal_places=DECIMAL_PLACES,
        help_text="One unit, one night. Empty: the room's own price per night.",
    )
    min_stay = forms.IntegerField(
        label="Minimum stay",
        initial=1,
        min_value=1,
        max_value=settings.MAX_STAY_NIGHTS,
        help_text="Nights, for stays that arrive on one of these dates.",
    )
    closed_to_arrival = forms.BooleanField(required=False)
    closed_to_departure = forms.BooleanField(required=False)

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.room = room

    def clean_price(self) -> Any:
        price, currency = self.cleaned_data["price"], self.room.property.currency
        if price is not None and price != round_to_minor_unit(price, currency):
            raise forms.ValidationError(f"{currency} has fewer digits than that.")
        return price

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["stay"] = clean_range(self, self.room)
        return self.cleaned_data

    def save(self) -> int:
        """Set the rate. Returns how many nights changed. Raises Unavailable."""
        given = self.cleaned_data
        rate = NightRate(
            price=given["price"],
            min_stay=given["min_stay"],
            closed_to_arrival=given["closed_to_arrival"],
            closed_to_departure=given["closed_to_departure"],
        )
        return services.set_rate(
            self.room.id, stay=given["stay"], rate=rate, weekdays=given["weekdays"]
        )


def nights_view(
    model_admin: admin.ModelAdmin,  # type: ignore[type-arg]
    request: HttpRequest,
    room_id: UUID,
) -> HttpResponse:
    """Show a month of a room's nights; set the rates that were posted."""
    room = get_object_or_404(Room.objects.select_related("property"), id=room_id)
    may_change = model_admin.has_change_permission(request, room)
    if not may_change and not model_admin.has_view_permission(request, room):
        raise PermissionDenied
    form = RateForm(request.POST or None, room=room)
    if request.method == "POST":
        if not may_change:
            raise PermissionDenied
        if form.is_valid() and (answer := _set_rate(model_admin, request, form)):
            return answer
    month = _month(request.GET.get("month", ""), local_today(room.property, timezone.now()))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": f"Nights of {room}",
        "room": room,
        "form": form,
        "media": model_admin.media,
        "may_change": may_change,
        "month": month.check_in,
        "digits": abs(int(minor_unit(room.property.currency).as_tuple().exponent)),
        "previous": month.check_in - timedelta(days=1),
        "next": month.check_out,
        "nights": room.nights.filter(date__gte=month.check_in, date__lt=month.check_out).order_by(
            "date"
        ),
    }
    return TemplateResponse(request, "admin/rooms/room/nights.html", context)


def _set_rate(
    model_admin: admin.ModelAdmin,  # type: ignore[type-arg]
    request: HttpRequest,
    form: RateForm,
) -> HttpResponse | None:
    """Set the rate, and say so; None if it was refused, which the form then tells."""
    try:
        changed = form.save()
    except Problem as refusal:
        form.add_error(None, refusal.detail)
        return None
    done = f"Set the rate of {changed} nights of {form.cleaned_data['stay']}."
    model_admin.log_change(request, form.room, done)
    model_admin.message_user(request, done, messages.SUCCESS)
    return HttpResponseRedirect(request.get_full_path())


def _month(asked: str, today: date) -> Stay:
    """Return the nights of the month that was asked for, of today's if that is none."""
    first = today
    with suppress(ValueError):
        first = date.fromisoformat(f"{asked}-01")
    if abs(first.year - today.year) > YEARS_AROUND:
        first = today
    return Stay.of_nights(first.replace(day=1), monthrange(first.year, first.month)[1])
