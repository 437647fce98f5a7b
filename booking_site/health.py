"""Probes for load balancers and supervisors."""

from django.core.cache import cache
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from psycopg_pool import PoolTimeout
from redis.exceptions import RedisError


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer that the process is alive: it asks nothing of anybody else."""
    return JsonResponse({"status": "alive"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer whether requests can be served: 503 without PostgreSQL.

    Redis holds only what may be lost, so its state is told but decides nothing.
    """
    database = _database_answers()
    body = {
        "status": "ready" if database else "unavailable",
        "database": database,
        "redis": _redis_answers(),
    }
    return JsonResponse(body, status=200 if database else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (Error, PoolTimeout):
        return False
    return True


def _redis_answers() -> bool:
    try:
        cache.get("readyz")
    except (RedisError, OSError):
        return False
    return True
