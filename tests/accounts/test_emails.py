"""What the mails of accounts say, and to whom none is owed."""

import re
from urllib.parse import urlsplit

import pytest
from django.urls import resolve
from django.utils import timezone

from accounts.mailed_tokens import user_for_email_verification, user_for_password_reset
from booking_site.mail import Mail, build_mail
from booking_site.models import OutboxEvent
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

VERIFICATIONS = ["user.registered", "user.email_verification_requested"]
ALL = [*VERIFICATIONS, "user.registration_repeated", "user.password_reset_requested"]


@pytest.fixture(autouse=True)
def site(settings):
    settings.PUBLIC_URL = "https://rooms.example"
    settings.SITE_NAME = "Rooms & Co"


def event(kind, user, language="en") -> OutboxEvent:
    return OutboxEvent(type=kind, payload={"user_id": str(user.id), "language": language})


def mail(kind, user, language="en") -> Mail:
    built = build_mail(event(kind, user, language))
    assert built is not None
    return built


def path_of(link: str) -> str:
    return urlsplit(link).path


@pytest.mark.parametrize("kind", VERIFICATIONS)
def test_the_verification_asks_for_one_click(kind):
    user = UserFactory()
    built = mail(kind, user)
    link = re.search(r"https://rooms\.example/verify-email/\S+", built.text)[0]
    assert (built.recipient, built.subject) == (user.email, "Confirm your e-mail address")
    assert built.text == (
        "Hello,\n"
        "\n"
        "Welcome to Rooms & Co. Please confirm that this e-mail address is yours, so that your "
        "booking confirmations reach the right person.\n"
        "\n"
        "Confirm e-mail address:\n"
        f"{link}\n"
        "\n"
        "The link works for 3 days.\n"
        "\n"
        "If it wasn't you who registered, you need not do anything: somebody may have mistyped "
        "their address. Please don't follow the link then.\n"
        "\n"
        "-- \n"
        "Rooms & Co\n"
        "https://rooms.example\n"
        "\n"
        "You receive this e-mail because your address was entered at Rooms & Co.\n"
    )
    assert built.html.count(f'href="{link}"') == 2
    assert user_for_email_verification(link.rpartition("/")[2]) == user
    assert resolve(path_of(link)).url_name == "verify-email"


def test_the_language_is_the_one_that_was_asked_in():
    built = mail("user.registered", UserFactory(language="en"), "de")
    assert built.subject == "Bestätigen Sie Ihre E-Mail-Adresse"
    assert '<html lang="de"' in built.html
    assert "willkommen bei Rooms & Co. Bitte bestätigen Sie" in built.text
    assert "Der Link ist 3 Tage gültig." in built.text


def test_the_reset_leads_to_a_page_that_lets_this_user_in_once():
    user = UserFactory()
    built = mail("user.password_reset_requested", user)
    link = re.search(r"https://rooms\.example/reset-password/\S+", built.text)[0]
    uid, token = link.rsplit("/", 2)[1:]
    assert built.subject == "Set a new password"
    assert "The link works once, for 1 hour." in built.text
    assert "If it wasn't you, ignore this e-mail" in built.text
    assert f'href="{link}"' in built.html
    assert user_for_password_reset(uid, token) == user
    assert resolve(path_of(link)).url_name == "reset-password"


def test_the_reset_in_german():
    built = mail("user.password_reset_requested", UserFactory(), "de")
    assert built.subject == "Neues Passwort festlegen"
    assert "Der Link funktioniert einmal und ist 1 Stunde gültig." in built.text


def test_a_repeated_registration_tells_the_owner_and_offers_nothing_that_acts_by_itself():
    user = UserFactory()
    built = mail("user.registration_repeated", user)
    assert built.subject == "You already have an account"
    assert "No second account was made, and yours is unchanged." in built.text
    links = set(re.findall(r"https://rooms\.example/\S+", built.text))
    assert links == {"https://rooms.example/login", "https://rooms.example/reset-password"}
    assert {resolve(path_of(link)).url_name for link in links} == {
        "sign-in",
        "request-password-reset",
    }


@pytest.mark.parametrize("kind", ALL)
def test_a_name_that_a_stranger_may_have_chosen_is_not_repeated(kind):
    built = mail(kind, UserFactory(full_name="Win at evil.example"))
    assert "evil.example" not in built.text + built.html + built.subject


@pytest.mark.parametrize("kind", ALL)
def test_nobody_is_written_to_whose_account_is_closed_or_gone(kind):
    closed, gone = UserFactory(is_active=False), UserFactory()
    told = event(kind, gone)
    gone.delete()
    assert build_mail(event(kind, closed)) is None
    assert build_mail(told) is None


@pytest.mark.parametrize("kind", VERIFICATIONS)
def test_an_address_that_is_verified_is_not_verified_again(kind):
    user = UserFactory(email_verified_at=timezone.now())
    assert build_mail(event(kind, user)) is None


def test_an_account_without_a_password_gets_none_by_mail():
    user = UserFactory(password=None)
    assert build_mail(event("user.password_reset_requested", user)) is None


@pytest.mark.parametrize("kind", ALL)
def test_a_mail_costs_one_query(kind, django_assert_num_queries):
    user = UserFactory()
    with django_assert_num_queries(1):
        mail(kind, user)


@pytest.mark.parametrize("kind", ALL)
def test_the_html_is_escaped_and_loads_nothing(kind):
    html = mail(kind, UserFactory()).html
    assert "Rooms &amp; Co" in html
    assert "Rooms & Co" not in html
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import|src=", html)
