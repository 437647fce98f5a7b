"""Mails that end whoever builds them."""

import os
import signal

from booking_site.models import OutboxEvent


def deadly(event: OutboxEvent) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
