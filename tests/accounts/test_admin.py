"""Staff keep accounts in the admin, within what they may do themselves."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import LoginSession, User
from accounts.services import sessions
from accounts.services.sessions import SessionEnded
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"
SESSIONS = "/admin/accounts/loginsession/"
NEW_PASSWORD = "another good one"


@pytest.fixture
def root(client: Client) -> Client:
    """A superuser's browser."""
    client.force_login(UserFactory(email="root@example.com", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def clerk(client: Client) -> Client:
    """The browser of somebody who may keep users, and is no superuser."""
    user = UserFactory(email="clerk@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client.force_login(user)
    return client


def open_session(user: User) -> str:
    issued = sessions.log_in(
        email=user.email, password=PASSWORD, user_agent="Firefox", now=timezone.now()
    )
    return issued.refresh.value


def add_form(**changes: Any) -> dict[str, Any]:
    return {
        "email": "Ada@Example.com",
        "full_name": "Ada Guest",
        "usable_password": "true",
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
        **changes,
    }


def change_form(user: User, **changes: Any) -> dict[str, Any]:
    kept = {"email": user.email, "full_name": user.full_name, "language": user.language}
    return {**kept, "is_active": "on", **changes}


class TestUsers:
    def test_sign_in_is_by_address_in_any_case(self, client: Client) -> None:
        UserFactory(email="root@example.com", is_staff=True, is_superuser=True)
        answer = client.post(
            "/admin/login/",
            {"username": "ROOT@Example.com", "password": PASSWORD, "next": "/admin/"},
        )
        assert answer.status_code == 302
        assert client.get("/admin/").status_code == 200

    def test_pages_open(self, root: Client) -> None:
        user = UserFactory()
        for page in (
            USERS,
            f"{USERS}add/",
            f"{USERS}{user.id}/change/",
            f"{USERS}{user.id}/password/",
        ):
            assert root.get(page).status_code == 200

    def test_added_address_is_normalised(self, root: Client) -> None:
        assert root.post(f"{USERS}add/", add_form()).status_code == 302
        user = User.objects.get(email="ada@example.com")
        assert user.full_name == "Ada Guest"
        assert user.check_password(NEW_PASSWORD)

    @pytest.mark.parametrize(
        ("changes", "complaint"),
        [
            ({"email": "CLERK@example.com"}, "User with this Email already exists."),
            ({"password1": "123", "password2": "123"}, "This password is too short."),
            ({"password2": "different one"}, "The two password fields"),
            ({"password1": "x" * 129, "password2": "x" * 129}, "128 characters at most"),
        ],
    )
    def test_bad_user_is_not_added(
        self, root: Client, changes: dict[str, str], complaint: str
    ) -> None:
        UserFactory(email="clerk@example.com")
        before = User.objects.count()
        answer = root.post(f"{USERS}add/", add_form(**changes))
        assert complaint in answer.content.decode()
        assert User.objects.count() == before

    def test_changed_address_is_normalised(self, root: Client) -> None:
        user = UserFactory(email="ada@example.com")
        root.post(f"{USERS}{user.id}/change/", change_form(user, email="ADA.king@Example.com"))
        user.refresh_from_db()
        assert user.email == "ada.king@example.com"

    def test_new_password_ends_the_users_sessions(self, root: Client) -> None:
        user = UserFactory()
        token = open_session(user)
        answer = root.post(
            f"{USERS}{user.id}/password/",
            {"usable_password": "true", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        )
        assert answer.status_code == 302
        user.refresh_from_db()
        assert user.check_password(NEW_PASSWORD)
        with pytest.raises(SessionEnded):
            sessions.refresh(refresh_token=token, now=timezone.now())

    @pytest.mark.parametrize("changes", [{"full_name": "Ada King"}, {"email": "new@example.com"}])
    def test_new_address_has_yet_to_be_verified(
        self, root: Client, changes: dict[str, str]
    ) -> None:
        user = UserFactory(email_verified_at=timezone.now())
        answer = root.post(f"{USERS}{user.id}/change/", change_form(user, **changes))
        assert answer.status_code == 302
        user.refresh_from_db()
        assert (user.email_verified_at is None) is ("email" in changes)


class TestClerk:
    def test_may_keep_guests(self, clerk: Client) -> None:
        user = UserFactory(full_name="Ada Guest")
        answer = clerk.post(f"{USERS}{user.id}/change/", change_form(user, full_name="Ada King"))
        assert answer.status_code == 302
        user.refresh_from_db()
        assert user.full_name == "Ada King"

    def test_may_delete_a_guest_who_is_signed_in(self, clerk: Client) -> None:
        user = UserFactory()
        open_session(user)
        answer = clerk.post(f"{USERS}{user.id}/delete/", {"post": "yes"})
        assert answer.status_code == 302
        assert not User.objects.filter(id=user.id).exists()
        assert not LoginSession.objects.exists()

    def test_can_not_give_privileges(self, clerk: Client) -> None:
        user = UserFactory()
        permission = Permission.objects.get(codename="delete_user")
        answer = clerk.post(
            f"{USERS}{user.id}/change/",
            change_form(
                user, is_superuser="on", is_staff="on", user_permissions=[str(permission.id)]
            ),
        )
        assert answer.status_code == 302
        user.refresh_from_db()
        assert (user.is_staff, user.is_superuser) == (False, False)
        assert not user.user_permissions.exists()

    @pytest.mark.parametrize("is_superuser", [True, False])
    def test_can_not_touch_staff(self, clerk: Client, is_superuser: bool) -> None:
        colleague = UserFactory(is_staff=True, is_superuser=is_superuser)
        before = User.objects.values().get(id=colleague.id)
        page = f"{USERS}{colleague.id}"
        passwords = {
            "usable_password": "true",
            "password1": NEW_PASSWORD,
            "password2": NEW_PASSWORD,
        }
        selected = {"action": "delete_selected", "_selected_action": [str(colleague.id)]}
        for address, form in [
            (f"{page}/password/", passwords),
            (f"{page}/change/", change_form(colleague, email="clerk2@example.com")),
            (f"{page}/delete/", {"post": "yes"}),
            (USERS, {**selected, "post": "yes"}),
        ]:
            assert clerk.post(address, form).status_code == 403
        assert User.objects.values().get(id=colleague.id) == before


class TestSessions:
    def test_are_listed_and_can_not_be_written(self, root: Client) -> None:
        user = UserFactory(email="ada@example.com")
        open_session(user)
        session = LoginSession.objects.get()
        page = root.get(SESSIONS).content.decode()
        assert "ada@example.com" in page
        assert "Firefox" in page
        one = root.get(f"{SESSIONS}{session.id}/change/").content.decode()
        for secret in (str(session.current_jti), session.password_fingerprint):
            assert secret not in one
        assert root.get(f"{SESSIONS}add/").status_code == 403
        assert root.post(f"{SESSIONS}{session.id}/delete/", {"post": "yes"}).status_code == 403
        assert root.post(f"{SESSIONS}{session.id}/change/", {}).status_code == 403

    def test_can_be_ended(self, root: Client) -> None:
        user = UserFactory()
        token = open_session(user)
        open_session(user)
        chosen = LoginSession.objects.order_by("created_at")[:1].get()
        answer = root.post(
            SESSIONS, {"action": "end_sessions", "_selected_action": [str(chosen.id)]}, follow=True
        )
        assert "1 session was ended." in answer.content.decode()
        with pytest.raises(SessionEnded):
            sessions.refresh(refresh_token=token, now=timezone.now())
        assert LoginSession.objects.filter(revoked_at=None).count() == 1

    def test_can_be_ended_only_by_who_may(self, client: Client) -> None:
        viewer = UserFactory(is_staff=True)
        viewer.user_permissions.add(Permission.objects.get(codename="view_loginsession"))
        client.force_login(viewer)
        open_session(viewer)
        session = LoginSession.objects.get()
        assert client.get(SESSIONS).status_code == 200
        client.post(SESSIONS, {"action": "end_sessions", "_selected_action": [str(session.id)]})
        session.refresh_from_db()
        assert session.revoked_at is None
