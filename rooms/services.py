"""What staff do with rooms: add them, price them, take units out of sale and back."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import ClassVar
from uuid import UUID, uuid4

from django.conf import settings

from booking_site.db import run_serializable
from booking_site.problems import Problem
from rooms import inventory
from rooms.models import Room, RoomAvailability, RoomBlock
from rooms.policies import local_today
from rooms.stays import Stay


class InventoryInUse(Problem):
    """More units are sold or blocked on some nights than the room is to have."""

    slug: ClassVar[str] = "inventory-in-use"
    title: ClassVar[str] = "More units are taken than would remain"
    status: ClassVar[int] = 409
    client_action: ClassVar[str] = (
        "Move or cancel bookings, or lift blocks, on the nights in `nights_in_use` first. "
        "Nothing was changed."
    )

    def __init__(self, nights: Sequence[date]) -> None:
        self.nights = tuple(nights)
        named = ", ".join(night.isoformat() for night in nights[:10])
        super().__init__(
            f"More units are taken than would remain on {len(nights)} nights: {named}.",
            extra={"nights_in_use": list(nights)},
        )


@dataclass(frozen=True, kw_only=True)
class NightRate:
    """What staff set for a night. `price` None means the room's own price per night."""

    price: Decimal | None = None
    min_stay: int = 1
    closed_to_arrival: bool = False
    closed_to_departure: bool = False


def add_room(room: Room, *, now: datetime) -> Room:
    """Save a new room and put its nights on sale from the property's today to the horizon."""
    room.location = room.property.location
    room.location_key = room.property.location_key
    stay = _horizon(room, now)

    def body() -> Room:
        room.save(force_insert=True)
        inventory.open_nights(room.id, stay)
        return room

    return run_serializable(body, room_ids=[room.id])


def extend_horizon(*, now: datetime) -> int:
    """Open the nights that came within the booking horizon. Returns how many there were."""
    opened = 0
    for room in Room.objects.select_related("property").order_by("id"):
        opened += _open_up_to_horizon(room, now)
    return opened


def set_total_inventory(room_id: UUID, *, total_inventory: int, now: datetime) -> None:
    """Change how many units a room has, from the property's today on.

    Raises InventoryInUse if more units are taken on a night than would remain, Room.DoesNotExist.
    """
    room = Room.objects.select_related("property").get(id=room_id)
    today = local_today(room.property, now)

    def body() -> None:
        # The room comes first, so that nights which are being opened wait for its new number.
        Room.objects.filter(id=room_id).update(total_inventory=total_inventory)
        in_use = inventory.resize_nights(
            room_id, first_night=today, total_inventory=total_inventory
        )
        if in_use:
            raise InventoryInUse(in_use)

    run_serializable(body, room_ids=[room_id])


def set_rate(
    room_id: UUID, *, stay: Stay, rate: NightRate, weekdays: Collection[int] = range(1, 8)
) -> int:
    """Set price and restrictions of the nights of a range. Returns how many nights changed.

    `weekdays` are ISO: Monday is 1, Sunday 7.
    """

    def body() -> int:
        inventory.lock_nights(room_id, stay.dates())
        return RoomAvailability.objects.filter(
            room_id=room_id,
            date__gte=stay.check_in,
            date__lt=stay.check_out,
            date__iso_week_day__in=list(weekdays),
        ).update(**asdict(rate))

    return run_serializable(body, room_ids=[room_id])


def block_nights(room_id: UUID, *, stay: Stay, units: int, reason: str) -> RoomBlock:
    """Take units out of sale for the nights of a range.

    Raises SoldOut, naming the nights, if fewer units are free on one of them.
    """

    def body() -> RoomBlock:
        nights = inventory.lock_nights(room_id, stay.dates())
        if lacking := inventory.lacking_nights(nights, stay, units):
            raise inventory.SoldOut(lacking)
        inventory.take_nights(room_id, stay, units)
        return RoomBlock.objects.create(
            room_id=room_id, start=stay.check_in, end=stay.check_out, units=units, reason=reason
        )

    return run_serializable(body, room_ids=[room_id])


def lift_block(block_id: UUID) -> None:
    """Put a block's units back on sale. A block that is already lifted stays lifted."""
    room_id = RoomBlock.objects.values_list("room_id", flat=True).filter(id=block_id).first()
    if room_id is None:
        return

    def body() -> None:
        block = RoomBlock.objects.select_for_update().filter(id=block_id).first()
        if block is None:
            return
        stay = Stay(block.start, block.end)
        inventory.lock_nights(room_id, stay.dates())
        inventory.give_back_nights(room_id, stay, block.units)
        block.delete()

    run_serializable(body, room_ids=[room_id])


def renew_calendar_link(room_id: UUID) -> None:
    """Give the room's calendar another address; the old one leads nowhere from now on."""
    Room.objects.filter(id=room_id).update(calendar_nonce=uuid4())


def _horizon(room: Room, now: datetime) -> Stay:
    today = local_today(room.property, now)
    return Stay(today, today + timedelta(days=settings.BOOKING_HORIZON_DAYS))


def _open_up_to_horizon(room: Room, now: datetime) -> int:
    stay = _horizon(room, now)
    last_night = stay.check_out - timedelta(days=1)
    if RoomAvailability.objects.filter(room=room, date=last_night).exists():
        return 0
    return run_serializable(lambda: inventory.open_nights(room.id, stay), room_ids=[room.id])
