"""Ranges of nights that staff type."""

from datetime import date

from django import forms
from django.utils import timezone

from rooms.models import Room
from rooms.stay_rules import Today
from rooms.stays import Stay


def clean_range(form: forms.BaseForm, room: Room | None) -> Stay | None:
    """Return the nights from the form's `start` up to its `end`, if they can be on sale.

    Otherwise the form has the errors, and None is returned.
    """
    start: date | None = form.cleaned_data.get("start")
    end: date | None = form.cleaned_data.get("end")
    if room is None or start is None or end is None:
        return None
    today = Today.at(room.property, timezone.now())
    if start < today.earliest:
        form.add_error("start", f"It is {today.earliest} at the property: choose a later night.")
    elif start >= end:
        form.add_error("end", "The end is the morning after the last night: after the start.")
    elif end > today.horizon:
        form.add_error("end", f"Nights are on sale up to {today.horizon}.")
    else:
        return Stay(start, end)
    return None
