"""Rows for tests, each with the least that makes it valid."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from accounts.models import User
from rooms import services
from rooms.models import Property, Room
from rooms.stays import Stay

PASSWORD = "correct horse battery"


class UserFactory(factory.django.DjangoModelFactory):
    """A guest who signs in with PASSWORD."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"guest{number}@example.com")
    full_name = "Ada Guest"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        kwargs.setdefault("password", PASSWORD)
        return model_class.objects.create_user(*args, **kwargs)


class PropertyFactory(factory.django.DjangoModelFactory):
    """A hotel in Lisbon that sells in euros."""

    class Meta:
        model = Property

    name = "Hotel Aurora"
    slug = factory.Sequence(lambda number: f"hotel-{number}")
    location = "Lisbon"
    country = "PT"
    timezone = "Europe/Lisbon"
    currency = "EUR"


class RoomFactory(factory.django.DjangoModelFactory):
    """A room with its nights on sale from today to the horizon."""

    class Meta:
        model = Room

    property = factory.SubFactory(PropertyFactory)
    name = "Double room"
    price_per_night = Decimal("100.00")
    capacity = 2
    total_inventory = 1

    @classmethod
    def _create(cls, model_class: type[Room], *args: Any, **kwargs: Any) -> Room:
        return services.add_room(model_class(*args, **kwargs), now=timezone.now())


def stay_in(days: int, nights: int = 2) -> Stay:
    """Return a stay that begins so many days after the UTC date of today."""
    return Stay.of_nights(datetime.now(UTC).date() + timedelta(days=days), nights)
