"""Jobs run one at a time, and what became of the last run can be seen."""

import threading
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
from django.conf import settings
from django.db import connection

from booking_site.celery import app
from booking_site.jobs import run_job
from booking_site.models import JobRun

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_is_recorded():
    assert run_job("test.job", lambda now: "3 things were done")
    run = JobRun.objects.get(name="test.job")
    assert (run.succeeded, run.result) == (True, "3 things were done")
    assert run.started_at <= run.finished_at


def test_a_failure_is_recorded_without_its_text_and_raised():
    def fail(now):
        raise ValueError("a guest's name")

    with pytest.raises(ValueError):
        run_job("test.job", fail)
    run = JobRun.objects.get(name="test.job")
    assert (run.succeeded, run.result) == (False, "ValueError")
    assert run_job("test.job", lambda now: "better")
    assert JobRun.objects.get(name="test.job").succeeded


def test_a_job_does_not_run_twice_at_once_but_beside_others():
    started, go_on = threading.Event(), threading.Event()

    def slow(now):
        started.set()
        assert go_on.wait(30)
        return "slow"

    def run_slow():
        try:
            return run_job("test.slow", slow)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(run_slow)
        assert started.wait(30)
        assert not run_job("test.slow", lambda now: "twice")
        assert run_job("test.other", lambda now: "other")
        assert JobRun.objects.get(name="test.slow").finished_at is None
        go_on.set()
        assert first.result()
    assert JobRun.objects.get(name="test.slow").result == "slow"
    assert run_job("test.slow", lambda now: "again")


@pytest.mark.parametrize("entry", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_every_scheduled_job_exists_and_runs(entry):
    for tasks in ("booking_site", "accounts", "rooms", "bookings"):
        import_module(f"{tasks}.tasks")
    name = settings.CELERY_BEAT_SCHEDULE[entry]["task"]
    app.tasks[name]()
    assert JobRun.objects.get(name=name).succeeded
