from collections.abc import Callable, Mapping

from booking_site.embedded.data_directory import DataDirectory
from booking_site.embedded.errors import EmbeddedError
from booking_site.embedded.ports import RememberedPorts, is_free
from booking_site.embedded.postgres import LAPTOP_SETTINGS, THROWAWAY_SETTINGS, PostgresCluster
from booking_site.embedded.processes import Program
from booking_site.embedded.supervisor import Supervisor
from booking_site.embedded.valkey import ValkeyServer

ATTEMPTS = 3  # at a port that somebody else takes between the probe and the start


def given_urls(environment: Mapping[str, str]) -> dict[str, str]:
    """Return those of DATABASE_URL and REDIS_URL that the user has set.

    Raises:
        EmbeddedError: DATABASE_URL names something else than PostgreSQL.
    """
    urls = {
        name: environment[name]
        for name in ("DATABASE_URL", "REDIS_URL")
        if environment.get(name, "").strip()
    }
    scheme = urls.get("DATABASE_URL", "postgres:").partition(":")[0]
    if scheme not in {"postgres", "postgresql"}:
        raise EmbeddedError(
            f"DATABASE_URL names a database of the kind '{scheme}', and only PostgreSQL is "
            f"supported: postgres://user:password@host:port/name. SQLite and others lack the "
            f"constraints and locks that keep a night from being sold twice. Leave DATABASE_URL "
            f"out to get a local PostgreSQL."
        )
    return urls


def start_servers(
    supervisor: Supervisor, data: DataDirectory, given: Mapping[str, str], *, throwaway: bool
) -> dict[str, str]:
    """Start the servers that the user has not given, and wait until they answer.

    Args:
        supervisor: keeps them alive from now on.
        data: where they store their data; this process must hold its lock.
        given: the result of `given_urls`.
        throwaway: give up durability for speed.

    Returns:
        DATABASE_URL and REDIS_URL, the given ones included.

    Raises:
        EmbeddedError: a server can't be started.
    """
    urls = dict(given)
    ports = RememberedPorts(data.ports)
    if "DATABASE_URL" not in urls:
        cluster = PostgresCluster(data, THROWAWAY_SETTINGS if throwaway else LAPTOP_SETTINGS)
        cluster.prepare()
        port = _start(supervisor, ports, "postgres", cluster.program, cluster.answers)
        urls["DATABASE_URL"] = cluster.url(port)
    if "REDIS_URL" not in urls:
        server = ValkeyServer(data, durable=not throwaway)
        port = _start(supervisor, ports, "valkey", server.program, server.answers)
        urls["REDIS_URL"] = server.url(port)
    return urls


def _start(
    supervisor: Supervisor,
    ports: RememberedPorts,
    name: str,
    program_on: Callable[[int], Program],
    answers: Callable[[int], bool],
) -> int:
    port = ports.choose(name)
    for attempt in range(1, ATTEMPTS + 1):
        program = program_on(port)
        supervisor.keep(program)
        try:
            supervisor.wait_until_ready(program, lambda port=port: answers(port))  # type: ignore[misc]
        except EmbeddedError:
            supervisor.forget(program)
            if attempt == ATTEMPTS or is_free(port):
                raise
            port = ports.choose(name, avoid=port)
        else:
            break
    return port
