"""Mails, events and jobs for staff: to look at, and to send mails again."""

from email.message import EmailMessage
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import ngettext

from booking_site import deliveries, mail_files
from booking_site.models import EmailDelivery, JobRun, OutboxEvent
from booking_site.outbox import oldest_unpublished_seconds
from booking_site.read_only_admin import ReadOnlyAdmin

# What a mail may do in the frame that shows it: look as it was meant to, and nothing else.
_MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@admin.register(EmailDelivery)
class EmailDeliveryAdmin(ReadOnlyAdmin):
    """Mails and how far they have come.

    The mails themselves can be read where they are kept as files. They hold links that sign their
    reader in as somebody else, so only superusers may.
    """

    list_display = (
        "created_at",
        "recipient",
        "subject",
        "status",
        "attempts",
        "last_error",
        "next_attempt_at",
        "sent_at",
    )
    list_filter = ("status", "event__type", "created_at")
    search_fields = ("recipient", "subject", "message_id")
    ordering = ("-created_at",)
    fields = (*list_display, "event", "message_id", "give_up_at", "content")
    readonly_fields = ("content",)
    actions = ("send_again",)

    @admin.action(description="Send these mails again", permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[EmailDelivery]) -> None:
        count = deliveries.send_again(queryset.values_list("id", flat=True), now=timezone.now())
        text = ngettext("%d mail will be sent.", "%d mails will be sent.", count) % count
        self.message_user(request, text, messages.SUCCESS if count else messages.WARNING)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("booking_site.change_emaildelivery")

    @admin.display(description="The mail")
    def content(self, delivery: EmailDelivery) -> str:
        if mail_files.read(delivery.message_id) is None:
            return "It is not kept as a file."
        address = reverse("admin:booking_site_emaildelivery_mail", args=[delivery.id])
        return format_html('<a href="{}">Read it</a> (superusers only)', address)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<uuid:delivery_id>/mail",
                view(self.read_mail),
                name="booking_site_emaildelivery_mail",
            ),
            path(
                "<uuid:delivery_id>/mail.html",
                view(self.read_html),
                name="booking_site_emaildelivery_html",
            ),
            *super().get_urls(),
        ]

    def read_mail(self, request: HttpRequest, delivery_id: UUID) -> HttpResponse:
        """Show a mail: its head, its text, its HTML in a frame, the names of what is attached."""
        mail = _mail_for(request, delivery_id)
        text = mail.get_body(("plain",))
        context = {
            **self.admin_site.each_context(request),
            "title": mail["Subject"],
            "opts": self.opts,
            "delivery_id": delivery_id,
            "head": [(name, mail[name]) for name in ("From", "To", "Date", "Message-ID")],
            "text": text.get_content() if text is not None else "",
            "attachments": [
                (part.get_filename(), part.get_content_type(), _size(part))
                for part in mail.iter_attachments()
            ],
        }
        return render(request, "admin/booking_site/emaildelivery/mail.html", context)

    def read_html(self, request: HttpRequest, delivery_id: UUID) -> HttpResponse:
        """Return the HTML of a mail, for a frame of our own and harmless even outside of it."""
        html = _mail_for(request, delivery_id).get_body(("html",))
        if html is None:
            raise Http404
        response = HttpResponse(html.get_content())
        response["Content-Security-Policy"] = _MAIL_POLICY
        response["X-Frame-Options"] = "SAMEORIGIN"
        return response


@admin.register(OutboxEvent)
class OutboxEventAdmin(ReadOnlyAdmin):
    """What happened, and when the broker was told."""

    list_display = ("created_at", "type", "published_at", "id")
    list_filter = ("type", ("published_at", admin.EmptyFieldListFilter))
    ordering = ("-created_at",)
    fields = ("id", "type", "payload", "created_at", "published_at")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        waits = f"The oldest unpublished event has waited {oldest_unpublished_seconds():.0f} s"
        return super().changelist_view(request, {**(extra_context or {}), "subtitle": waits})


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    """The last run of each scheduled job."""

    list_display = ("name", "started_at", "duration", "succeeded", "result")
    ordering = ("name",)
    fields = list_display

    @admin.display(description="duration")
    def duration(self, run: JobRun) -> str:
        if run.finished_at is None:
            return "running, or killed"
        return f"{(run.finished_at - run.started_at).total_seconds():.1f} s"


def _mail_for(request: HttpRequest, delivery_id: UUID) -> EmailMessage:
    if not getattr(request.user, "is_superuser", False):
        raise PermissionDenied
    mail = mail_files.read(get_object_or_404(EmailDelivery, id=delivery_id).message_id)
    if mail is None:
        raise Http404
    return mail


def _size(part: EmailMessage) -> int:
    content = part.get_payload(decode=True)
    return len(content) if isinstance(content, bytes) else 0
