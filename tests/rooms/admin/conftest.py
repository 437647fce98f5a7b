from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from tests.factories import UserFactory

StaffWith = Callable[..., Client]


@pytest.fixture
def staff_with(transactional_db: None) -> StaffWith:
    """Sign in as staff who have these permissions of the rooms app, such as "view_room"."""

    def sign_in(*codenames: str) -> Client:
        user = UserFactory(is_staff=True)
        found = Permission.objects.filter(content_type__app_label="rooms", codename__in=codenames)
        user.user_permissions.set(found)
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def staff(transactional_db: None) -> Client:
    """Staff who may do everything."""
    client = Client()
    client.force_login(User.objects.create_superuser("boss@example.com"))
    return client
