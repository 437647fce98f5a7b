"""Every failure that a client can see is a problem+json answer."""

import html
import json

import pytest
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from booking_site.errors import as_problem
from booking_site.problems import all_problems

REGISTER = "/api/v1/auth/register"
MEMBERS = {"type", "title", "status", "detail", "errors", "request_id"}


def expect(answer, status, slug):
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"/problems/{slug}"
    assert problem["status"] == status
    assert problem.keys() >= MEMBERS
    assert problem["request_id"] == answer["X-Request-ID"]
    return problem


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/rooms/17", "/api/", "/api/v1/rooms/"])
def test_an_unknown_address_of_the_api_is_not_found(api, path):
    expect(api.get(path), 404, "not-found")


def test_an_unknown_address_elsewhere_is_a_page(client):
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_a_wrong_method_names_the_right_ones(api):
    answer = api.delete(REGISTER)
    expect(answer, 405, "method-not-allowed")
    assert "POST" in answer["Allow"]


def test_no_token_is_challenged(api):
    answer = api.get("/api/v1/bookings")
    expect(answer, 401, "not-authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b"null",
        b'{"guests": NaN}',
        b"[" * 10_000,
        b'{"a":' * 5_000,
        b'{"number": ' + b"9" * 5_000 + b"}",
    ],
    ids=[
        "cut", "empty", "not-utf8", "list", "string", "null", "nan", "deep-lists", "deep", "digits",
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused(api, body):
    answer = api.post(REGISTER, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["type"] in {"/problems/malformed-json", "/problems/invalid-input"}


def test_other_media_types_are_refused(api):
    answer = api.post(REGISTER, "a=b", content_type="application/x-www-form-urlencoded")
    expect(answer, 415, "unsupported-media-type")


def test_no_acceptable_format_is_told(api):
    answer = api.post(REGISTER, {}, HTTP_ACCEPT="image/png")
    expect(answer, 406, "not-acceptable")


def test_an_oversized_body_is_refused_before_it_is_read(api):
    answer = api.post(REGISTER, b"x" * (64 * 1024 + 1), content_type="application/json")
    expect(answer, 413, "body-too-large")


def test_a_forged_host_is_refused(api):
    expect(api.get("/api/v1/rooms", HTTP_HOST="evil.example"), 400, "invalid-input")


def test_every_wrong_field_is_named(api):
    problem = expect(api.post(REGISTER, {"email": "x"}), 400, "invalid-input")
    assert {error["field"] for error in problem["errors"]} == {"email", "password"}
    assert all(error.keys() == {"field", "code", "detail"} for error in problem["errors"])


def test_an_unexpected_error_is_logged_and_tells_nothing(monkeypatch, caplog):
    def explode(*_):
        raise ZeroDivisionError("a secret of the inside")

    monkeypatch.setattr("accounts.api.views.VisitorView.post", explode)
    client = APIClient(raise_request_exception=False)
    answer = client.post("/api/v1/auth/visitor")
    expect(answer, 500, "internal-error")
    assert b"secret" not in answer.content
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [
        ZeroDivisionError
    ]


def test_a_database_that_is_away_is_503_with_a_time_to_wait(monkeypatch):
    def refuse(*_):
        raise OperationalError("connection refused")

    monkeypatch.setattr("accounts.api.views.VisitorView.post", refuse)
    answer = APIClient().post("/api/v1/auth/visitor")
    problem = expect(answer, 503, "unavailable")
    assert answer["Retry-After"] == "2"
    assert "refused" not in problem["detail"]


def test_a_request_id_from_the_load_balancer_is_kept(api):
    answer = api.get("/api/v1/rooms", HTTP_X_REQUEST_ID="lb-0123456789")
    assert answer["X-Request-ID"] == "lb-0123456789"
    assert answer.json()["request_id"] == "lb-0123456789"


@pytest.mark.parametrize(
    "forged", ["short", "a" * 65, "line\nbreak-here", "<script>alert</script>"]
)
def test_a_request_id_that_could_do_harm_is_replaced(api, forged):
    answer = api.get("/api/v1/rooms", HTTP_X_REQUEST_ID=forged)
    assert answer["X-Request-ID"] != forged
    assert len(answer["X-Request-ID"]) == 36


def test_nothing_else_is_expected():
    assert as_problem(ValueError()) is None


class TestProblemPages:
    def test_every_type_has_a_page_at_its_address(self, client: Client):
        problems = all_problems()
        assert len(problems) > 15
        listed = client.get("/problems/").content.decode()
        for problem in problems:
            page = client.get(problem.type_uri())
            assert page.status_code == 200
            assert problem.title in html.unescape(page.content.decode())
            assert f'"{problem.type_uri()}"' in listed

    def test_every_type_says_what_it_means_and_what_to_do(self):
        for problem in all_problems():
            assert problem.meaning()
            assert problem.client_action
            assert 400 <= problem.status < 600

    def test_slugs_name_one_type_each(self):
        slugs = [problem.slug for problem in all_problems()]
        assert len(slugs) == len(set(slugs))

    def test_what_is_code_is_marked_as_code(self, client: Client):
        page = client.get("/problems/sold-out").content.decode()
        assert "<code>sold_out_nights</code>" in page
        assert "`" not in page

    def test_an_unknown_type_has_none(self, client: Client):
        assert client.get("/problems/nothing").status_code == 404


def test_the_body_of_a_problem_is_json_even_for_odd_input(api):
    answer = api.post(
        REGISTER, json.dumps({"email": "é\u2028<b>"}), content_type="application/json"
    )
    assert expect(answer, 400, "invalid-input")
