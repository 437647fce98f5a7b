import http.client
import os
from collections.abc import Mapping

from booking_site.embedded.banner import banner
from booking_site.embedded.command import command_environment
from booking_site.embedded.console import announce, say
from booking_site.embedded.data_directory import REPOSITORY, DataDirectory
from booking_site.embedded.errors import EmbeddedError, StopRequestedError
from booking_site.embedded.plan import Plan, Service, Step
from booking_site.embedded.ports import LOOPBACK, wait_until_free, web_port
from booking_site.embedded.processes import Program
from booking_site.embedded.registry import Registry
from booking_site.embedded.signals import SignalInbox
from booking_site.embedded.stack import given_urls, start_servers
from booking_site.embedded.supervisor import Supervisor

DEFAULT_PORT = 8000
EVERY_ADDRESS = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 (recognised, not listened on)


def serve(data: DataDirectory, environment: Mapping[str, str], plan: Plan) -> int:
    """Run the whole product until a signal asks to stop, and return the exit status.

    Args:
        data: where everything is kept between runs.
        environment: DATABASE_URL and REDIS_URL name servers to use instead of embedded ones,
            HOST and PORT where the site listens; all of it reaches the product.
        plan: what to run beside the servers.

    Raises:
        EmbeddedError: the product can't be started; what was running is stopped by then.
    """
    given = given_urls(environment)
    data.create()
    if not data.acquire():
        raise EmbeddedError(_who_holds(data))
    registry = Registry(data.processes)
    try:
        with SignalInbox() as inbox:
            supervisor = Supervisor(registry, inbox)
            try:
                _serve(supervisor, registry, data, given, environment, plan)
            except StopRequestedError:
                say("Stopping ...")
            finally:
                data.withdraw()
                supervisor.stop_all()
    finally:
        data.release()
    say("Stopped.")
    return 0


def _serve(
    supervisor: Supervisor,
    registry: Registry,
    data: DataDirectory,
    given: Mapping[str, str],
    environment: Mapping[str, str],
    plan: Plan,
) -> None:
    host = environment.get("HOST") or LOOPBACK
    wanted = environment.get("PORT") or None
    if registry.stop_leftovers():
        say("The last run was killed; its processes have been stopped.")
        # The workers of a web server that died with it take a second to notice.
        port_then = int(wanted) if wanted and wanted.isdigit() else DEFAULT_PORT
        wait_until_free(port_then, host)
    with web_port(wanted, host, DEFAULT_PORT) as port:
        _serve_at(host, port, supervisor, data, given, environment, plan)


def _serve_at(
    host: str,
    port: int,
    supervisor: Supervisor,
    data: DataDirectory,
    given: Mapping[str, str],
    environment: Mapping[str, str],
    plan: Plan,
) -> None:
    url = _url(host, port)
    if len(given) < 2:
        say("Starting the servers ...")
    urls = start_servers(supervisor, data, given, throwaway=False)
    variables = {
        # Without TLS there is nothing to redirect to, and cookies must work without it.
        "HTTPS": "off",
        "PYTHONUNBUFFERED": "1",
        "PUBLIC_URL": url.rstrip("/"),
        **command_environment(data, environment, urls),
        "HOST": host,
        "PORT": str(port),
    }
    data.publish({"pid": os.getpid(), "url": url, "urls": urls})
    for step in plan.steps:
        _run(supervisor, data, step, variables)
    web = _program(plan.web, variables)
    supervisor.keep(web)
    for service in plan.services:
        supervisor.keep(_program(service, variables))
    supervisor.wait_until_ready(web, lambda: _is_healthy(host, port))
    mails = None if environment.get("EMAIL_URL") else data.mails
    announce(banner(url, data.demo_logins, mails))
    while True:
        supervisor.watch(60.0)


def _run(
    supervisor: Supervisor, data: DataDirectory, step: Step, variables: Mapping[str, str]
) -> None:
    say(f"{step.title} ...")
    log = None if step.shown else data.log_file("steps")
    start = log.stat().st_size if log and log.exists() else 0
    status = supervisor.run(Program(step.title, step.argv, variables, REPOSITORY, log))
    if status != 0:
        output = log.read_bytes()[start:].decode(errors="replace") if log else ""
        raise EmbeddedError(f"{' '.join(step.argv)} failed with status {status}.\n{output}")


def _program(service: Service, variables: Mapping[str, str]) -> Program:
    environment = {**variables, **service.environment}
    return Program(service.name, service.argv, environment, REPOSITORY, grace=service.grace)


def _url(host: str, port: int) -> str:
    reachable = EVERY_ADDRESS.get(host, host)
    return f"http://[{reachable}]:{port}/" if ":" in reachable else f"http://{reachable}:{port}/"


def _is_healthy(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(EVERY_ADDRESS.get(host, host), port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _who_holds(data: DataDirectory) -> str:
    holder = data.published()
    if holder is None:
        return f"Another process is starting or stopping in {data.root}. Try again in a moment."
    if "url" in holder:
        return f"It is already running at {holder['url']} (process {holder['pid']})."
    return f"Process {holder['pid']} runs a command with the servers of {data.root}. Wait for it."
