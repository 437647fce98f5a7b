"""What workers and beat are told, where forgetting it would lose something in silence."""

import importlib

import pytest
from django.conf import settings as django_settings

import booking_site.settings
from booking_site.celery import app
from booking_site.consumer import RejectingConsumer
from booking_site.topology import DEAD_LETTERS, DEAD_NOTIFICATIONS, NOTIFICATIONS, QUEUES


def test_a_message_is_done_with_only_when_its_task_is():
    conf = app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost) == (True, True)
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_acks_on_failure_or_timeout is False


def test_nothing_but_json_is_read_and_no_result_is_kept():
    assert (app.conf.accept_content, app.conf.task_serializer) == (["json"], "json")
    assert app.conf.result_backend is None


def test_messages_are_on_disk_and_nobody_reads_the_dead_ones():
    (notifications,) = (queue for queue in QUEUES if queue.name == NOTIFICATIONS)
    for queue in (notifications, DEAD_LETTERS):
        assert queue.queue_arguments["x-queue-type"] == "quorum"
    assert DEAD_NOTIFICATIONS not in {queue.name for queue in QUEUES}
    assert app.amqp.router.route({}, "booking_site.deliver_mail")["queue"].name == NOTIFICATIONS
    assert app.amqp.router.route({}, "bookings.expire_holds")["queue"].name == "jobs"


def test_workers_make_no_queues_for_later():
    steps = RejectingConsumer.Blueprint.default_steps
    assert not [step for step in steps if "delayed_delivery" in step]
    assert [step for step in steps if step.endswith(":Tasks")]


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("redis://:secret@host:6379/0", "redis://:secret@host:6379/1"),
        ("redis://host:6379", "redis://host:6379/1"),
    ],
)
def test_without_a_broker_of_its_own_it_uses_the_next_database_of_redis(redis_url, broker_url):
    assert booking_site.settings._redis_beside(redis_url) == broker_url


@pytest.mark.parametrize(
    ("url", "options"), [("redis://h/0", "visibility_timeout"), ("amqp://h//", "confirm_publish")]
)
def test_each_broker_gets_what_keeps_messages_from_getting_lost(monkeypatch, url, options):
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    try:
        assert options in importlib.reload(booking_site.settings).CELERY_BROKER_TRANSPORT_OPTIONS
    finally:
        monkeypatch.undo()
        importlib.reload(booking_site.settings)


def test_jobs_that_no_worker_takes_do_not_pile_up():
    for entry in django_settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["options"]["expires"] == entry["schedule"].total_seconds()
