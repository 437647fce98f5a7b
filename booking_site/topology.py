"""The queues: what waits in which, and where messages go that nobody can use.

On RabbitMQ `notifications` is a quorum queue: a message that was confirmed is on disk, on a
majority of the nodes. `jobs` is not: what waits there is worthless after a minute. What can't be
processed (unreadable, unknown, deadly) leaves `notifications` for `notifications.dead`, so that the
others flow on. On Redis the arguments mean nothing: there the sweep for unfinished mails
(booking_site.deliveries) is what makes up for a lost message.
"""

from typing import Any

from celery import bootsteps
from kombu import Exchange, Queue

NOTIFICATIONS = "notifications"
DEAD_NOTIFICATIONS = "notifications.dead"
JOBS = "jobs"

# How often a message is handed out again after workers died with it.
_DELIVERY_LIMIT = 10

_dead = Exchange(DEAD_NOTIFICATIONS, type="fanout", durable=True)

QUEUES = (
    Queue(
        NOTIFICATIONS,
        Exchange(NOTIFICATIONS, type="direct", durable=True),
        routing_key=NOTIFICATIONS,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": _DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD_NOTIFICATIONS,
            # A dead message stays until the other queue has confirmed it, which RabbitMQ offers
            # only where a full queue refuses instead of dropping.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    ),
    Queue(
        JOBS,
        Exchange(JOBS, type="direct", durable=True),
        routing_key=JOBS,
    ),
)

DEAD_LETTERS = Queue(
    DEAD_NOTIFICATIONS, _dead, routing_key="", queue_arguments={"x-queue-type": "quorum"}
)


class DeclareDeadLetters(bootsteps.StartStopStep):
    """Lets a worker make the queue that it never reads, so that it is there before it is needed."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, c: Any) -> None:
        """Declare the exchange and the queue, at the start and after each lost connection."""
        DEAD_LETTERS(c.connection.default_channel).declare()
