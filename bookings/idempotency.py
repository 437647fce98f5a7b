"""Requests that can be sent again: one key, one booking, one answer.

A client names its request with an `Idempotency-Key` (after the IETF draft "The Idempotency-Key HTTP
Header Field"). The key is claimed in the transaction that does the work, so a crash leaves both or
neither, and two requests with one key at the same time wait for each other. Only success is kept:
what was refused may be tried again under the same key.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from booking_site.problems import Problem
from bookings.models import IdempotencyRecord

Json = dict[str, Any]

# How long a retry gets the first answer.
KEPT = timedelta(hours=24)


class IdempotencyKeyReused(Problem):
    """The `Idempotency-Key` was used before, for another request. Nothing was done."""

    slug: ClassVar[str] = "idempotency-key-reused"
    title: ClassVar[str] = "This Idempotency-Key belongs to another request"
    status: ClassVar[int] = 422
    client_action: ClassVar[str] = (
        "Make a new key for a new request. Send an old key only with exactly the same body."
    )


@dataclass(frozen=True, kw_only=True)
class IdempotencyKey:
    """The client's name for one request: unique among the requests of one user for a day."""

    user_id: UUID
    key: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a request was answered; `replayed` if it was so before."""

    status: int
    body: Json
    replayed: bool


def fingerprint(request: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what was asked, the same for every spelling of the same request."""
    canonical = json.dumps(request, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(canonical.encode()).hexdigest()


def claim(key: IdempotencyKey) -> Answer | None:
    """Claim a key for the transaction under way.

    Returns None if the work is to be done now and stored with `keep`, or the answer that it got
    before. The INSERT comes first: to look for the key and then insert it would be a read that
    every other new key invalidates under SERIALIZABLE.

    Raises IdempotencyKeyReused if the key named another request.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO bookings_idempotencyrecord (user_id, key, fingerprint)
            VALUES (%s, %s, %s)
            ON CONFLICT (user_id, key) DO NOTHING
            """,
            [key.user_id, key.key, key.fingerprint],
        )
        if cursor.rowcount == 1:
            return None
    return earlier_answer(key)


def earlier_answer(key: IdempotencyKey) -> Answer | None:
    """Return what was answered under this key before, or None if nothing was.

    Raises IdempotencyKeyReused if the key named another request.
    """
    record = IdempotencyRecord.objects.filter(user_id=key.user_id, key=key.key).first()
    if record is None:
        return None
    if record.fingerprint != key.fingerprint:
        raise IdempotencyKeyReused("The request differs from the one that first used this key.")
    return Answer(
        status=record.response_status, body=json.loads(record.response_body), replayed=True
    )


def keep(key: IdempotencyKey, answer: Answer) -> None:
    """Store the answer under a key that was claimed in the same transaction."""
    IdempotencyRecord.objects.filter(user_id=key.user_id, key=key.key).update(
        response_status=answer.status, response_body=json.dumps(answer.body)
    )


def purge(*, now: datetime) -> int:
    """Forget the answers that are older than `KEPT`. Returns how many those were."""
    purged, _ = IdempotencyRecord.objects.filter(created_at__lte=now - KEPT).delete()
    return purged
