import sys
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """A command that has to succeed before the site starts.

    Attributes:
        title: what the user reads meanwhile.
        argv: the command.
        shown: let it print to the terminal; otherwise its output is kept for when it fails.
    """

    title: str
    argv: tuple[str, ...]
    shown: bool = False


@dataclass(frozen=True)
class Service:
    """A process that runs as long as the site.

    Attributes:
        name: for messages.
        argv: the command.
        grace: seconds that it has to finish its work when asked to stop.
        environment: variables that differ from those of the others.
    """

    name: str
    argv: tuple[str, ...]
    grace: float = 15.0
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What makes up the product beside its servers.

    Attributes:
        steps: run one after the other at each start, so each must be quick when done before.
        web: answers /healthz on HOST and PORT.
        services: started after `web`, in this order; stopped before it, in the opposite one.
    """

    steps: tuple[Step, ...]
    web: Service
    services: tuple[Service, ...] = ()


def _manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "manage.py", *arguments)


def _celery(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "--quiet", "-A", "booking_site", *arguments)


PRODUCT = Plan(
    steps=(
        Step("Bringing the database up to date", _manage("migrate", "--noinput")),
        Step("Opening nights for sale", _manage("extend_horizon")),
        Step("Adding the demo hotels", _manage("seed_demo"), shown=True),
        Step("Collecting static files", _manage("collectstatic", "--noinput")),
    ),
    web=Service(
        "web",
        (sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "booking_site.wsgi"),
    ),
    services=(
        Service("relay", _manage("relay_outbox")),
        Service(
            "worker",
            # It is alone: there is nobody to greet or to gossip with.
            _celery(
                *("worker", "--concurrency", "2"),
                *("--without-mingle", "--without-gossip", "--without-heartbeat"),
            ),
            grace=20.0,
            # A worker that is asked to stop gives its mails some seconds, then hands them back.
            environment={"DATABASE_POOL_SIZE": "0", "REMAP_SIGTERM": "SIGQUIT"},
        ),
        # Without a file for its number, which would keep it from starting after it was killed.
        Service("beat", _celery("beat", "--pidfile", "")),
    ),
)
