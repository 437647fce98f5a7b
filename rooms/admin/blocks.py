from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest

from rooms import services
from rooms.admin.ranges import clean_range
from rooms.admin.service_admin import RefusableForm, ServiceAdmin
from rooms.models import RoomBlock
from rooms.stays import Stay


class BlockForm(RefusableForm):
    units = forms.IntegerField(min_value=1, initial=1)

    class Meta:
        model = RoomBlock
        fields = ("room", "start", "end", "units", "reason")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        clean_range(self, cleaned.get("room"))
        return cleaned


@admin.register(RoomBlock)
class RoomBlockAdmin(ServiceAdmin):
    """Blocks. One is lifted by deleting it, and never changed: lift it and make another."""

    form = BlockForm
    list_display = ("room", "start", "end", "units", "reason", "created_at")
    list_select_related = ("room__property",)
    search_fields = ("room__name", "room__property__name", "reason")
    date_hierarchy = "start"
    ordering = ("-start", "room")
    autocomplete_fields = ("room",)

    def has_change_permission(self, request: HttpRequest, obj: RoomBlock | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: RoomBlock, form: Any, change: bool) -> None:
        block = services.block_nights(
            obj.room_id, stay=Stay(obj.start, obj.end), units=obj.units, reason=obj.reason
        )
        obj.id = block.id

    def delete_model(self, request: HttpRequest, obj: RoomBlock) -> None:
        services.lift_block(obj.id)
        super().log_deletions(request, [obj])  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RoomBlock]) -> None:
        for block in queryset:
            self.delete_model(request, block)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[RoomBlock]) -> list[LogEntry]:
        # Django calls this before it deletes, but a service may refuse: delete_model does it after.
        return []
