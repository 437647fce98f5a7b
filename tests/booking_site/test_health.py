import pytest
from django.db import connections


def test_alive_asks_nobody(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
def test_ready_when_postgresql_and_redis_answer(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "database": True, "redis": True},
    )


@pytest.mark.django_db
def test_ready_without_redis_which_holds_only_what_may_be_lost(client, settings):
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    }
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "database": True, "redis": False},
    )


@pytest.mark.django_db(transaction=True)
def test_not_ready_without_postgresql(client, monkeypatch):
    connection = connections["default"]
    connection.close()
    connection.close_pool()
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    monkeypatch.setitem(
        connection.settings_dict["OPTIONS"], "pool", {"min_size": 0, "max_size": 1, "timeout": 0.2}
    )
    answer = client.get("/readyz")
    connection.close_pool()
    assert (answer.status_code, answer.json()["database"]) == (503, False)
