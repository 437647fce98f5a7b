"""Replaying through the REST API, with all dates moved by whole weeks into the future."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID

from bookings.replay.api_accounts import ACCOUNTS, Account
from bookings.replay.api_client import ApiClient, ApiError, Reply
from bookings.replay.hotels import Progress, RoomIds, name_of
from bookings.replay.playing import SOLD_OUT, RefusedError, play, share
from bookings.replay.rows import Event, Row

_FIELD_REASONS = {"guests": "no guests", "check_out": "no nights"}
# So long before the first arrival, a replay that is continued days later is still in time.
_DAYS_BEFORE_FIRST_ARRIVAL = 7


def shift_of(rows: Sequence[Row], *, today: date) -> timedelta:
    """Return the whole weeks by which the first arrival comes to lie 7 to 13 days after `today`."""
    first = min(row.arrival for row in rows) - timedelta(days=_DAYS_BEFORE_FIRST_ARRIVAL)
    return timedelta(weeks=-((first - today).days // 7))


class ApiPlayer:
    """Calls the API over one connection."""

    def __init__(
        self, client: ApiClient, accounts: Sequence[Account], room_ids: RoomIds, shift: timedelta
    ) -> None:
        self._client = client
        self._accounts = accounts
        self._room_ids = room_ids
        self._shift = shift

    def book(self, row: Row) -> UUID:
        """Book at the room's rate, under an Idempotency-Key of the row's own."""
        order = {
            "room_id": str(self._room_ids[row.hotel, row.room_type]),
            "check_in": str(row.arrival + self._shift),
            "check_out": str(row.departure + self._shift),
            "guests": row.guests,
            "note": name_of(row),
        }
        reply = self._post("/bookings", row, order, key=name_of(row))
        if reply.status == 201:
            return UUID(reply.body["id"])
        if reply.problem == "sold-out":
            raise RefusedError(SOLD_OUT)
        if reply.problem == "invalid-input":
            raise RefusedError(", ".join(_reasons(reply)))
        raise ApiError(f"{name_of(row)} was answered {reply.status}: {reply.body}")

    def cancel(self, row: Row, booking_id: UUID) -> None:
        """Cancel the booking."""
        reply = self._post(f"/bookings/{booking_id}/cancel", row)
        if reply.status != 200:
            raise ApiError(f"{name_of(row)} was not cancelled: {reply.status} {reply.body}")

    def _post(
        self, path: str, row: Row, body: dict[str, object] | None = None, *, key: str = ""
    ) -> Reply:
        account = self._accounts[row.line % len(self._accounts)]
        return self._client.send("POST", path, body, token=account.token(self._client), key=key)


def why_server_refuses(
    url: str, rows: Sequence[Row], room_ids: RoomIds, shift: timedelta
) -> str | None:
    """Return why the server can't take the bookings of these rows, None if it can.

    It is asked for the price of the longest stay, at the far end of the dates.
    """
    client = ApiClient(url)
    account = Account(0)
    account.register(client)
    longest = max(row.nights for row in rows)
    departure = max(row.departure for row in rows) + shift
    room_id = next(iter(room_ids.values()))
    path = (
        f"/rooms/{room_id}/quote?guests=1"
        f"&check_in={departure - timedelta(days=longest)}&check_out={departure}"
    )
    reply = client.send("GET", path, token=account.token(client))
    client.close()
    if reply.status == 200:
        return None
    return str(reply.body.get("detail", reply.status))


def play_through_api(
    url: str,
    events: Sequence[Event],
    rows: Mapping[int, Row],
    done: Progress,
    *,
    room_ids: RoomIds,
    shift: timedelta,
    clients: int,
    tick: Callable[[], object],
) -> tuple[Counter[str], int]:
    """Replay the events over so many connections at once.

    Returns how many events ended how, and how many requests had to be sent again.
    """
    accounts = [Account(number) for number in range(ACCOUNTS)]
    first = ApiClient(url)
    for account in accounts:
        account.register(first)
    first.close()
    lock = threading.Lock()

    def safe_tick() -> None:
        with lock:
            tick()

    def play_share(number: int) -> tuple[Counter[str], int]:
        client = ApiClient(url)
        player = ApiPlayer(client, accounts, room_ids, shift)
        outcomes = play(share(events, number, clients), rows, done, player, safe_tick)
        client.close()
        return outcomes, client.repeated

    with ThreadPoolExecutor(clients) as pool:
        results = list(pool.map(play_share, range(clients)))
    return (
        sum((outcomes for outcomes, _ in results), Counter()),
        sum(repeated for _, repeated in results),
    )


def _reasons(reply: Reply) -> list[str]:
    return [_FIELD_REASONS.get(error["field"], error["detail"]) for error in reply.body["errors"]]
