"""Many faults in a row, for the figures in docs/notifications.md. Run by hand, it takes minutes:

pytest tests/faults/long_run.py -n 0 -s --timeout 1800
"""

import random
import statistics
import time
from collections.abc import Callable

from booking_site import outbox
from booking_site.models import EmailDelivery
from bookings.models import Booking
from tests.faults.product import Product, kill
from tests.faults.rabbitmq import RabbitMQ

ROUNDS = 8
BOOKINGS_PER_STEP = 20


def test_a_long_day(
    on_rabbitmq: Product, rabbitmq: RabbitMQ, book_some: Callable[[int], list[Booking]]
) -> None:
    seconds: dict[str, list[float]] = {"up": [], "down": []}
    restarts = 0

    def book(broker: str) -> None:
        for _ in range(BOOKINGS_PER_STEP):
            began = time.perf_counter()
            book_some(1)
            seconds[broker].append(time.perf_counter() - began)

    relays = [on_rabbitmq.start_relay() for _ in range(2)]
    workers = [on_rabbitmq.start_worker() for _ in range(2)]
    for _ in range(ROUNDS):
        book("up")
        victims = random.choice([relays, workers])
        kill(victims.pop(0))
        victims.append(
            on_rabbitmq.start_relay() if victims is relays else on_rabbitmq.start_worker()
        )
        rabbitmq.kill()
        book("down")
        rabbitmq.start()
        # A node that died while it recovered may find no leader for its queues: start it again.
        while not happens(lambda: outbox.oldest_unpublished_seconds() == 0, seconds=30):
            rabbitmq.kill()
            rabbitmq.start()
            restarts += 1
    on_rabbitmq.wait_for_all_mails(seconds=300)

    owed, arrived = EmailDelivery.objects.count(), on_rabbitmq.mail_server.arrived
    p95 = {broker: statistics.quantiles(taken, n=20)[-1] for broker, taken in seconds.items()}
    print(  # noqa: T201 - what it is run for
        f"\n{ROUNDS} kills of the broker and of a relay or worker each,"
        f" {restarts} more starts of a broker that did not recover;"
        f"\nbookings made {Booking.objects.count()}, mails owed {owed},"
        f" arrived {len(arrived)}, duplicates {arrived.total() - len(arrived)},"
        f" lost {owed - len(arrived)};"
        f"\nbooking p95 with the broker up {p95['up'] * 1000:.1f} ms,"
        f" down {p95['down'] * 1000:.1f} ms, ratio {p95['down'] / p95['up']:.2f}"
    )
    assert owed == Booking.objects.count()
    on_rabbitmq.assert_every_mail_arrived(duplicates=ROUNDS)


def happens(question: Callable[[], bool], *, seconds: float) -> bool:
    """Tell whether it becomes true in time."""
    end = time.monotonic() + seconds
    while not (true := question()) and time.monotonic() < end:
        time.sleep(0.1)
    return true
