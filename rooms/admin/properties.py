from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from rooms.models import Property


@admin.register(Property)
class PropertyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Properties. One that has rooms can't be deleted, and keeps the currency of their prices."""

    list_display = ("name", "location", "country", "timezone", "currency")
    list_filter = ("country", "currency")
    search_fields = ("name", "location", "slug")
    ordering = ("name",)
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "slug", "description", "contact_email")}),
        (
            "Where",
            {"fields": ("location", "country", "address", "latitude", "longitude", "timezone")},
        ),
        (
            "Terms",
            {
                "fields": (
                    "currency",
                    "check_in_time",
                    "check_out_time",
                    "free_cancellation_days",
                    "cancellation_fee_percent",
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Property | None = None) -> Any:
        has_rooms = obj is not None and obj.rooms.exists()
        return ("currency",) if has_rooms else ()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        # Nobody may delete rooms in the admin. What the page must tell is that there are rooms.
        return deleted, counts, set() if protected else lacking, protected
