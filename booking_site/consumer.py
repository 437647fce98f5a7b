"""How a worker takes messages: what it can't read is not thrown away."""

import logging
from typing import Any

from celery.worker.consumer import Consumer

logger = logging.getLogger(__name__)

# Makes 28 queues on RabbitMQ for tasks that are to run later; ours wait in the database.
_UNUSED = "celery.worker.consumer.delayed_delivery:DelayedDelivery"


class RejectingConsumer(Consumer):
    """Rejects a message that can't be decoded, where Celery would acknowledge and so lose it."""

    class Blueprint(Consumer.Blueprint):
        default_steps = tuple(step for step in Consumer.Blueprint.default_steps if step != _UNUSED)

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Let the broker put the message among the dead letters."""
        logger.error("A message can't be read and is rejected: %s", type(exc).__name__)
        message.reject()
