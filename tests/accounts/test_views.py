"""The pages that mails lead to: a GET looks, a POST acts, and the link goes nowhere else."""

import re

import pytest
from django.test import Client

from accounts.mailed_tokens import email_verification_token, password_reset_link_parts
from accounts.models import User
from accounts.services import registration
from booking_site.mail import build_mail
from booking_site.models import OutboxEvent
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "quite another battery"


@pytest.fixture
def browser() -> Client:
    """A browser that checks forms as the product does, and that keeps no cookies."""
    return Client(enforce_csrf_checks=True)


def reset_link(user: User) -> str:
    return "/reset-password/{}/{}".format(*password_reset_link_parts(user))


def verify_link(user: User) -> str:
    return f"/verify-email/{email_verification_token(user)}"


def test_a_new_password_is_set_by_the_form(browser: Client) -> None:
    user = UserFactory(email="ada@example.com")
    link = reset_link(user)
    page = browser.get(link)
    assert page.status_code == 200
    assert "ada@example.com" in page.text
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    # What a browser sends from a page that has `Referrer-Policy: no-referrer`.
    answer = browser.post(link, {"password": NEW_PASSWORD}, headers={"origin": "null"})
    assert answer.status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
    assert browser.get(link).status_code == browser.post(link).status_code == 400


def test_a_bad_password_is_explained(browser: Client) -> None:
    user = UserFactory()
    link = reset_link(user)
    for sent in ({"password": "12"}, {"password": ""}, {}, {"password": "x" * 129}):
        answer = browser.post(link, sent)
        assert answer.status_code == 200
        assert "errorlist" in answer.text
    assert "This password is too short" in browser.post(link, {"password": "12"}).text
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_an_address_is_confirmed_by_the_button_and_not_by_a_look(browser: Client) -> None:
    user = UserFactory(email="ada@example.com")
    link = verify_link(user)
    for look in (browser.get, browser.head):
        assert look(link).status_code == 200
    user.refresh_from_db()
    assert user.email_verified_at is None
    assert browser.post(link, headers={"origin": "null"}).status_code == 200
    user.refresh_from_db()
    assert user.email_verified_at is not None


@pytest.mark.parametrize("path", ["/reset-password/a/b", "/verify-email/a", "/verify-email/a.b.c"])
def test_a_link_that_opens_nothing_says_so(browser: Client, path: str) -> None:
    for answer in (browser.get(path), browser.post(path, {"password": NEW_PASSWORD})):
        assert answer.status_code == 400
        assert "does not work any more" in answer.text


def test_the_link_stays_between_us(browser: Client) -> None:
    user = UserFactory()
    for path in (reset_link(user), verify_link(user), "/reset-password/a/b", "/reset-password"):
        for answer in (browser.get(path), browser.post(path)):
            assert answer["Referrer-Policy"] == "no-referrer"
            assert "no-store" in answer["Cache-Control"]
            assert answer["X-Frame-Options"] == "DENY"
            assert not answer.cookies
            assert path not in answer.text or path == "/reset-password"


def test_the_link_can_be_asked_for_on_a_page(browser: Client) -> None:
    UserFactory(email="known@example.com")
    answers = [
        browser.post("/reset-password", {"email": f"{name}@example.com"})
        for name in ("known", "unknown")
    ]
    assert answers[0].status_code == answers[1].status_code == 200
    assert answers[0].content == answers[1].content
    assert OutboxEvent.objects.filter(type="user.password_reset_requested").count() == 1
    assert "errorlist" in browser.post("/reset-password", {"email": "nonsense"}).text


@pytest.mark.parametrize("path", ["/login", "/reset-password", "/verify-email/a"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_speak_the_language_of_the_browser(browser: Client, path: str, language: str) -> None:
    page = browser.get(path, headers={"accept-language": language})
    assert f'<html lang="{language}">' in page.text


def test_other_methods_are_refused(browser: Client) -> None:
    assert browser.delete(reset_link(UserFactory())).status_code == 405


def link_in_mail(event_type: str) -> str:
    mail = build_mail(OutboxEvent.objects.get(type=event_type))
    assert mail is not None
    (path,) = re.findall(r"http://localhost:8000(/[a-z-]+/\S+)", mail.text)
    return str(path)


def test_the_mail_of_a_registration_leads_to_a_verified_address(browser: Client) -> None:
    registration.register(email="ada@example.com", password=PASSWORD)
    assert browser.post(link_in_mail("user.registered")).status_code == 200
    assert User.objects.get().email_verified_at is not None


def test_the_mail_to_who_forgot_the_password_leads_to_a_new_one(browser: Client) -> None:
    user = UserFactory()
    browser.post("/reset-password", {"email": user.email})
    link = link_in_mail("user.password_reset_requested")
    assert browser.post(link, {"password": NEW_PASSWORD}).status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW_PASSWORD)
