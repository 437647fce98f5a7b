"""What the shell keeps in the database: events on their way out, mails, runs of scheduled jobs."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from booking_site.ids import new_id


class OutboxEvent(models.Model):
    """Something that happened, told to the outside once its transaction is committed.

    It is written in the transaction of what happened (booking_site.outbox), so that both exist or
    neither. `payload` is what was true then: whoever reads it later must not look at what became of
    it since. `published_at` is null until the broker has confirmed that it holds the event.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    type = models.CharField(max_length=60)
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at", "id"],
                name="outbox_unpublished",
                condition=Q(published_at__isnull=True),
            ),
            models.Index(fields=["published_at"], name="outbox_published"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class DeliveryStatus(models.TextChoices):
    """A mail is pending until it is sent, or parked for staff after a day of failures.

    It is not owed when nobody is left to read it by the time it is built.
    """

    PENDING = "pending"
    SENT = "sent"
    PARKED = "parked"
    NOT_OWED = "not_owed"


class EmailDelivery(models.Model):
    """The one mail that an event owes, and how far it has come.

    `message_id` is made with the row and never changes, so that a mail which had to be sent again
    can be told from another. `leased_until` keeps other workers away while one talks to the mail
    server. A pending mail is due at `next_attempt_at`, and parked by a failure after `give_up_at`.
    All instants are UTC.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.OneToOneField(OutboxEvent, on_delete=models.CASCADE, related_name="delivery")
    recipient = models.EmailField(blank=True)
    subject = models.CharField(max_length=255, blank=True)
    message_id = models.CharField(max_length=255, unique=True)
    status = models.CharField(max_length=8, choices=DeliveryStatus, default=DeliveryStatus.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    give_up_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "email deliveries"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values), name="delivery_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status=DeliveryStatus.SENT, sent_at__isnull=False)
                | (~Q(status=DeliveryStatus.SENT) & Q(sent_at__isnull=True)),
                name="delivery_sent_or_not",
            ),
            models.CheckConstraint(
                condition=Q(status=DeliveryStatus.PENDING, next_attempt_at__isnull=False)
                | (~Q(status=DeliveryStatus.PENDING) & Q(next_attempt_at__isnull=True)),
                name="delivery_only_pending_is_due",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                name="delivery_due",
                condition=Q(status=DeliveryStatus.PENDING),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event.type} to {self.recipient}"


class JobRun(models.Model):
    """The last run of a scheduled job: when, how long, with what result."""

    name = models.CharField(max_length=60, primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    succeeded = models.BooleanField(null=True)
    result = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name
