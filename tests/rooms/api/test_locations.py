import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tests.factories import PropertyFactory, RoomFactory

URL = "/api/v1/locations"


def test_places_are_found_as_one_types(
    visitor: APIClient,
    transactional_db: None,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    RoomFactory(property=PropertyFactory(location="São Paulo", country="BR"))
    RoomFactory()

    with django_assert_num_queries(1):
        answer = visitor.get(URL, {"q": "PAU"})

    assert answer.status_code == 200
    assert answer.json() == {
        "results": [{"location": "São Paulo", "country": "BR", "properties": 1, "rooms": 1}]
    }
    assert [place["location"] for place in visitor.get(URL).json()["results"]] == [
        "Lisbon",
        "São Paulo",
    ]


@pytest.mark.parametrize(
    ("typed", "code"), [("a" * 121, "max-length"), ("\0", "null-characters-not-allowed")]
)
def test_what_makes_no_sense_is_refused(visitor: APIClient, typed: str, code: str) -> None:
    answer = visitor.get(URL, {"q": typed})

    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("q", code)]


def test_nobody_looks_without_a_token(api: APIClient) -> None:
    assert api.get(URL).status_code == 401
