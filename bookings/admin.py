"""Bookings for staff: to find, to read and to cancel. Nothing here writes past the services."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import ngettext

from booking_site.money import round_to_minor_unit
from booking_site.problems import Problem
from booking_site.read_only_admin import ReadOnlyAdmin
from bookings import services
from bookings.models import Booking, IdempotencyRecord


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    """Bookings with their nights' prices, and the action that cancels them."""

    list_display = ("reference", "status", "room", "check_in", "check_out", "units", "user")
    list_filter = ("status", "room__property", "check_in")
    list_select_related = ("room__property", "user")
    search_fields = ("reference__iexact", "user__email", "guest_name")
    date_hierarchy = "check_in"
    ordering = ("-created_at",)
    readonly_fields = ("nights",)
    actions = ("cancel",)

    @admin.display(description="nights")
    def nights(self, booking: Booking) -> str:
        rows = booking.nights.order_by("date")
        prices = (
            (night.date, round_to_minor_unit(night.price, booking.currency), booking.currency)
            for night in rows
        )
        return format_html_join("", "{}: {} {}<br>", prices)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("bookings.change_booking")

    @admin.action(description="Cancel the chosen bookings", permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Booking]) -> None:
        cancelled = 0
        for booking in queryset:
            try:
                services.cancel_booking(
                    booking.id, user_id=booking.user_id, now=timezone.now(), by_staff=True
                )
            except Problem as refusal:
                self.message_user(request, f"{booking}: {refusal.detail}", messages.ERROR)
            else:
                cancelled += 1
        if cancelled:
            told = ngettext("%d booking is cancelled.", "%d bookings are cancelled.", cancelled)
            self.message_user(request, told % cancelled, messages.SUCCESS)


@admin.register(IdempotencyRecord)
class IdempotencyRecordAdmin(ReadOnlyAdmin):
    """Answers that are kept for retries."""

    list_display = ("key", "user", "response_status", "created_at")
    list_select_related = ("user",)
    search_fields = ("key__exact", "user__email")
    ordering = ("-created_at",)
