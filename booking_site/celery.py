"""The Celery app: `celery -A booking_site worker`, `celery -A booking_site beat`.

Only workers, beat and the relay import it. Requests never talk to the broker, which may be slow or
away: they write to the outbox (booking_site.outbox).
"""

import os

from celery import Celery

from booking_site.topology import JOBS, NOTIFICATIONS, QUEUES, DeclareDeadLetters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "booking_site.settings")

app = Celery("booking_site")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = QUEUES
app.conf.task_default_queue = JOBS
app.conf.task_routes = {"booking_site.deliver_mail": {"queue": NOTIFICATIONS}}
app.steps["consumer"].add(DeclareDeadLetters)
app.autodiscover_tasks()
