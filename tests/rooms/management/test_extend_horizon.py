from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from rooms.models import RoomAvailability
from tests.factories import RoomFactory, stay_in


@pytest.mark.django_db(transaction=True)
def test_missing_nights_are_put_on_sale_and_counted() -> None:
    RoomFactory()
    horizon = RoomAvailability.objects.latest("date").date
    RoomAvailability.objects.filter(date__gt=horizon - timedelta(days=2)).delete()
    written = StringIO()

    call_command("extend_horizon", stdout=written)

    assert written.getvalue() == "2 nights were put on sale.\n"
    assert RoomAvailability.objects.latest("date").date == horizon
    assert RoomAvailability.objects.filter(date__lt=stay_in(-1).check_in).count() == 0
