import sys
from dataclasses import dataclass


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
    """

    name: str
    argv: tuple[str, ...]
    grace: float = 15.0


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
    services=(Service("scheduler", _manage("expire_holds", "--every", "30")),),
)
