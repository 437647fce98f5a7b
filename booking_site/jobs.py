"""Scheduled jobs: what beat sends to the workers by the clock (settings.CELERY_BEAT_SCHEDULE).

A job runs once at a time, however many schedulers and workers there are, and its last run can be
seen in the admin. Jobs are safe to skip and to repeat: each does what is due by now.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from booking_site.celery import app
from booking_site.models import JobRun

# Says what was done, in a few words.
JobFunction = Callable[[datetime], str]


def job(name: str) -> Callable[[JobFunction], Any]:
    """Make a function the scheduled job of this name; it is called with the present instant.

    Taken from the queue before it runs: a run that dies is made up for by the next.
    """

    def register(function: JobFunction) -> Any:
        @app.task(
            name=name,
            acks_late=False,
            soft_time_limit=settings.JOB_TIME_LIMIT_SECONDS,
            time_limit=settings.JOB_TIME_LIMIT_SECONDS + 15,
        )
        def run() -> None:
            run_job(name, function)

        return run

    return register


def run_job(name: str, function: JobFunction) -> bool:
    """Run the job and record the run, unless it is running already. Returns whether it ran.

    Raises what the function raises, after it is recorded.
    """
    with _alone(name) as alone:
        if not alone:
            return False
        run, _ = JobRun.objects.update_or_create(
            name=name,
            defaults={
                "started_at": timezone.now(),
                "finished_at": None,
                "succeeded": None,
                "result": "",
            },
        )
        try:
            run.result = function(timezone.now())
            run.succeeded = True
        except Exception as error:
            run.result, run.succeeded = type(error).__name__, False
            raise
        finally:
            run.finished_at = timezone.now()
            run.save()
    return True


@contextmanager
def _alone(name: str) -> Iterator[bool]:
    """Tell whether nobody else runs the job, and keep others from it until the block ends.

    The lock ends with its transaction, so that it works behind a pooler that gives each transaction
    another session, and with its connection, so that it does not outlive a killed worker. The
    connection is one of its own: the job has transactions itself.
    """
    guard = connection.copy()
    try:
        guard.set_autocommit(False)
        with guard.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
            (alone,) = cursor.fetchone()
        yield alone
        guard.rollback()
    finally:
        guard.close()
