"""The running product keeps to its OpenAPI document, whatever it is sent.

Schemathesis makes requests from the document, valid and broken ones, follows the links between
operations, and checks every answer: no 5xx, no undocumented status, no body, header or media type
that differs from the document, no operation that forgets to ask for a token.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from bookings.models import Booking
from tests.bookings.bookkeeping import book
from tests.factories import PASSWORD, RoomFactory, UserFactory, stay_in

# Rules between two fields and lenient reading (a number where a text is asked) stand in no schema.
NOT_IN_A_SCHEMA = "positive_data_acceptance,negative_data_rejection"


@pytest.fixture
def ids(tmp_path: Path, transactional_db: None) -> dict[str, str]:
    """A room and a booking that exist, for paths that need one."""
    room = RoomFactory(total_inventory=50)
    booking = book(UserFactory(email="ada@example.com"), room, stay_in(10))
    return {"room_id": str(room.id), "id": str(booking.id)}


def token_of(role: str) -> str | None:
    client = APIClient()
    if role == "visitor":
        return client.post("/api/v1/auth/visitor").json()["access"]
    if role == "user":
        login = {"email": "ada@example.com", "password": PASSWORD}
        return client.post("/api/v1/auth/login", login).json()["access"]
    return None


def schemathesis(live_server, tmp_path: Path, token: str | None, ids: dict[str, str]) -> None:
    config = tmp_path / "schemathesis.toml"
    names = "\n".join(f'"path.{name}" = "{value}"' for name, value in ids.items())
    config.write_text(f"[parameters]\n{names}\n")
    command = [
        *(sys.executable, "-m", "schemathesis.cli", f"--config-file={config}", "run"),
        f"{live_server.url}/api/v1/schema/?format=json",
        *("--checks", "all", "--exclude-checks", NOT_IN_A_SCHEMA, "--warnings", "off"),
        *("--max-examples", "10", "--no-color", "--generation-database", "none"),
    ]
    if token:
        command += ["--header", f"Authorization: Bearer {token}"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("role", ["nobody", "visitor", "user"])
def test_a_role_finds_no_answer_that_breaks_the_document(live_server, tmp_path, ids, role):
    schemathesis(live_server, tmp_path, token_of(role), ids)
    assert Booking.objects.filter(id=ids["id"]).exists()


def test_ids_that_name_nothing_break_nothing(live_server, tmp_path, ids):
    schemathesis(live_server, tmp_path, token_of("user"), {})
