"""The `Idempotency-Key` header."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from booking_site.problems import FieldError, InvalidInput
from bookings.idempotency import IdempotencyKey, fingerprint

_HEADER = "Idempotency-Key"
_VISIBLE_ASCII = re.compile(r"[\x21-\x7e]{1,255}")

PARAMETER = OpenApiParameter(
    _HEADER,
    location=OpenApiParameter.HEADER,
    pattern=r"^[\x21-\x7e]{1,255}$",
    description=(
        "A name of your own for this request, such as a UUID. Send the request again with the same "
        "key, for a day, and you get the first answer (with `Idempotent-Replayed: true`) and no "
        "second booking. Refusals are not kept: the same key may try again."
    ),
)


def idempotency_key(
    request: Request, user_id: UUID, asked: Mapping[str, Any]
) -> IdempotencyKey | None:
    """Return the key under which the request is to be done once, or None if it has none.

    Raises InvalidInput if the header is not 1 to 255 visible ASCII characters.
    """
    key = request.headers.get(_HEADER)
    if key is None:
        return None
    if not _VISIBLE_ASCII.fullmatch(key):
        error = FieldError(
            field=_HEADER, code="invalid", detail="Use 1 to 255 visible ASCII characters."
        )
        raise InvalidInput(error.detail, errors=[error])
    return IdempotencyKey(user_id=user_id, key=key, fingerprint=fingerprint(asked))
