"""Registration makes one account for an address, and tells nobody whether it was there before."""

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.services import registration
from booking_site.models import OutboxEvent
from booking_site.problems import InvalidInput
from tests.accounts.statements import shapes
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def test_makes_an_account_that_can_sign_in() -> None:
    registration.register(email="Ada@Example.com", password=PASSWORD, full_name="Ada Guest")
    user = User.objects.get()
    assert (user.email, user.full_name) == ("ada@example.com", "Ada Guest")
    assert user.check_password(PASSWORD)
    assert user.is_active
    assert not user.is_staff
    assert not user.is_superuser
    assert user.email_verified_at is None


def test_changes_nothing_where_an_account_is() -> None:
    UserFactory(email="ada@example.com", full_name="Ada Guest")
    before = User.objects.values().get()
    registration.register(email="ADA@example.com", password="another good one", full_name="Eve")
    assert User.objects.values().get() == before


def test_costs_the_same_whether_the_address_is_known(
    hasher_runs: list[str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    statements = []
    for _ in ("unknown", "known"):
        with django_assert_num_queries(5) as queries:
            registration.register(email="ada@example.com", password=PASSWORD)
        statements.append(shapes(queries))
        assert hasher_runs == ["encode"]
        hasher_runs.clear()
    assert "ON CONFLICT DO NOTHING" in statements[0][1]
    assert statements[0] == statements[1]


def test_the_owner_of_the_mailbox_is_told_which_it_was() -> None:
    registration.register(email="ada@example.com", password=PASSWORD, language="de")
    registration.register(email="ada@example.com", password=PASSWORD, language="en")
    payload = {"user_id": str(User.objects.get().id), "language": "de"}
    assert list(OutboxEvent.objects.order_by("id").values_list("type", "payload")) == [
        ("user.registered", payload),
        ("user.registration_repeated", payload),
    ]


def test_bad_password_is_refused_before_anything_is_looked_up(
    hasher_runs: list[str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0), pytest.raises(InvalidInput):
        registration.register(email="ada@example.com", password="ada@example")
    assert hasher_runs == []
    assert not OutboxEvent.objects.exists()


def test_name_can_be_changed_and_removed() -> None:
    user = UserFactory(full_name="Ada Guest", language="de")
    registration.change_profile(user, full_name="Ada King")
    assert User.objects.get().full_name == "Ada King"
    registration.change_profile(user, full_name="")
    assert User.objects.get().full_name == ""
    assert User.objects.get().language == "de"


def test_language_can_be_changed() -> None:
    user = UserFactory(full_name="Ada Guest")
    registration.change_profile(user, language="de")
    assert (User.objects.get().language, User.objects.get().full_name) == ("de", "Ada Guest")


def test_a_change_of_one_keeps_what_somebody_else_made_of_the_other() -> None:
    user = UserFactory(full_name="Ada Guest")
    User.objects.update(language="de")
    registration.change_profile(user, full_name="Ada King")
    assert (User.objects.get().language, User.objects.get().full_name) == ("de", "Ada King")


def test_a_change_of_nothing_writes_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = UserFactory()
    with django_assert_num_queries(0):
        registration.change_profile(user)
