"""Without a mail server mails are files, and superusers read them in the admin."""

import pytest
from django.utils import timezone

from booking_site import deliveries, mail_files
from booking_site.models import EmailDelivery, JobRun
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail_directory(settings, tmp_path):
    settings.EMAIL_BACKEND = "booking_site.mail_files.EmailBackend"
    settings.MAIL_DIR = tmp_path / "mail"
    return settings.MAIL_DIR


@pytest.fixture
def delivery(happen, mail_directory):
    deliveries.deliver(happen().id, now=timezone.now())
    return EmailDelivery.objects.get()


def admin_page(delivery, page):
    return f"/admin/booking_site/emaildelivery/{delivery.id}/{page}"


def test_a_mail_is_one_file_that_mail_programs_open(delivery, mail_directory):
    (path,) = mail_directory.iterdir()
    assert path.name == f"{delivery.id}.eml"
    assert mail_files.read(delivery.message_id)["Subject"] == "Grüße"
    assert mail_directory.stat().st_mode & 0o777 == 0o700


def test_a_mail_that_is_sent_again_replaces_itself(delivery, mail_directory):
    EmailDelivery.objects.update(status="pending", sent_at=None, next_attempt_at=timezone.now())
    deliveries.deliver(delivery.event_id, now=timezone.now())
    assert len(list(mail_directory.iterdir())) == 1


def test_no_name_leads_out_of_the_directory(mail_directory):
    assert mail_files.path_of("<../../etc/passwd@host>").parent == mail_directory


def test_a_superuser_reads_it(admin_client, delivery):
    overview = admin_client.get(admin_page(delivery, "change/")).content.decode()
    assert admin_page(delivery, "mail") in overview
    page = admin_client.get(admin_page(delivery, "mail")).content.decode()
    assert "<iframe sandbox " in page
    assert "a.ics (text/calendar, 5" in page
    html = admin_client.get(admin_page(delivery, "mail.html"))
    assert html.content.strip() == b"<p>Hello</p>"
    assert html["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert html["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("page", ["mail", "mail.html"])
def test_other_staff_do_not_read_links_that_sign_in_as_somebody_else(client, delivery, page):
    client.force_login(UserFactory(is_staff=True))
    assert client.get(admin_page(delivery, page)).status_code == 403


def test_a_mail_without_a_file_is_not_found(admin_client, delivery, mail_directory):
    mail_files.path_of(delivery.message_id).unlink()
    assert admin_client.get(admin_page(delivery, "mail")).status_code == 404
    assert admin_client.get(admin_page(delivery, "change/")).status_code == 200


def test_staff_send_a_parked_mail_again(admin_client, delivery):
    EmailDelivery.objects.update(status="parked", sent_at=None, next_attempt_at=None)
    admin_client.post(
        "/admin/booking_site/emaildelivery/",
        {"action": "send_again", "_selected_action": [str(delivery.id)]},
    )
    assert EmailDelivery.objects.get().status == "pending"


@pytest.mark.parametrize("model", ["emaildelivery", "outboxevent", "jobrun"])
def test_staff_see_what_the_machinery_does(admin_client, delivery, model):
    JobRun.objects.create(name="test.job", started_at=timezone.now())
    assert admin_client.get(f"/admin/booking_site/{model}/").status_code == 200
