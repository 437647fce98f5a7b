from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import ngettext

from booking_site.money import round_to_minor_unit
from rooms import services
from rooms.admin.nights import nights_view
from rooms.admin.service_admin import RefusableForm, ServiceAdmin
from rooms.calendar_links import room_calendar_url
from rooms.models import Room

_SHOWN = ("location", "calendar_url", "created_at")


class RoomForm(RefusableForm):
    class Meta:
        model = Room
        fields = (
            "property",
            "name",
            "description",
            "price_per_night",
            "capacity",
            "total_inventory",
            "amenities",
            "is_active",
        )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        place = cleaned.get("property") or (
            None if self.instance._state.adding else self.instance.property
        )
        price = cleaned.get("price_per_night")
        if place and price is not None and price != round_to_minor_unit(price, place.currency):
            self.add_error("price_per_night", f"{place.currency} has fewer digits than that.")
        return cleaned


@admin.register(Room)
class RoomAdmin(ServiceAdmin):
    """Rooms. They are taken off sale, not deleted: nights and bookings hang on them."""

    form = RoomForm
    list_display = (
        "name",
        "property",
        "location",
        "capacity",
        "price_per_night",
        "total_inventory",
        "is_active",
    )
    list_filter = ("is_active", "location")
    list_select_related = ("property",)
    search_fields = ("name", "property__name", "location")
    ordering = ("property__name", "name")
    autocomplete_fields = ("property",)
    actions = ("renew_calendar_links",)

    def get_readonly_fields(self, request: HttpRequest, obj: Room | None = None) -> Any:
        return () if obj is None else ("property", *_SHOWN)

    def get_fields(self, request: HttpRequest, obj: Room | None = None) -> Any:
        return (*RoomForm.Meta.fields, *(() if obj is None else _SHOWN))

    @admin.display(description="calendar")
    def calendar_url(self, room: Room) -> str:
        return room_calendar_url(room)

    @admin.action(description="Give the calendars new addresses", permissions=["change"])
    def renew_calendar_links(self, request: HttpRequest, queryset: QuerySet[Room]) -> None:
        for room in queryset:
            services.renew_calendar_link(room.id)
        told = ngettext(
            "%d calendar has a new address; the old one leads nowhere.",
            "%d calendars have new addresses; the old ones lead nowhere.",
            len(queryset),
        )
        self.message_user(request, told % len(queryset), messages.SUCCESS)

    def has_delete_permission(self, request: HttpRequest, obj: Room | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        if not change:
            services.add_room(obj, now=timezone.now())
            return
        facts = set(form.changed_data)
        if "total_inventory" in facts:
            # First, since it may be refused; then nothing else is saved either.
            services.set_total_inventory(
                obj.id, total_inventory=obj.total_inventory, now=timezone.now()
            )
        obj.save(update_fields=facts - {"total_inventory"})

    def get_urls(self) -> list[URLPattern]:
        nights = path(
            "<uuid:room_id>/nights/",
            self.admin_site.admin_view(self.nights_view),
            name="rooms_room_nights",
        )
        return [nights, *super().get_urls()]

    def nights_view(self, request: HttpRequest, room_id: UUID) -> HttpResponse:
        return nights_view(self, request, room_id)
