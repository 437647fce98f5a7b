"""How a refresh token travels: in a cookie that no script can read, or in the body.

The cookie is for browsers. Another site could make a browser send it, so it counts only together
with a header that another site can't add: a browser asks us before it lets one, and we decline.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.tokens import IssuedToken
from booking_site.problems import Problem

CSRF_HEADER = "X-Requested-With"

_PATH = "/api/v1/auth/"


class CsrfHeaderMissing(Problem):
    """The refresh token came in a cookie without the header `X-Requested-With`.

    Only a page of ours can add that header, so it shows that no other site sent the request.
    """

    slug: ClassVar[str] = "csrf-header-missing"
    title: ClassVar[str] = "A cookie alone is not enough"
    status: ClassVar[int] = 403
    client_action: ClassVar[str] = "Add the header `X-Requested-With` with any value."


class RefreshTokenIn(StrEnum):
    """The way of a refresh token: the same out as in."""

    COOKIE = "cookie"
    BODY = "body"


@dataclass(frozen=True)
class SentRefreshToken:
    """A refresh token and the way that it came."""

    value: str
    channel: RefreshTokenIn


def sent_refresh_token(request: Request, in_body: str | None) -> SentRefreshToken | None:
    """Return the refresh token of the request, or None if it has none. The body goes first.

    Raises CsrfHeaderMissing if there is only a cookie, and without the header.
    """
    if in_body is not None:
        return SentRefreshToken(in_body, RefreshTokenIn.BODY)
    in_cookie = request.COOKIES.get(cookie_name())
    if not in_cookie:
        return None
    if not request.headers.get(CSRF_HEADER):
        raise CsrfHeaderMissing(f"Send the header {CSRF_HEADER} together with the cookie.")
    return SentRefreshToken(in_cookie, RefreshTokenIn.COOKIE)


def cookie_name() -> str:
    """Return the cookie's name; browsers take `__Secure-` over TLS only, and never overwrite it."""
    return "__Secure-refresh_token" if settings.HTTPS else "refresh_token"


def set_cookie(response: Response, token: IssuedToken) -> None:
    """Give the browser the refresh token, to be sent to the auth addresses of this site only."""
    response.set_cookie(
        cookie_name(),
        token.value,
        max_age=token.expires_in,
        path=_PATH,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Strict",
    )


def clear_cookie(response: Response) -> None:
    """Make the browser forget the refresh token."""
    response.delete_cookie(cookie_name(), path=_PATH, samesite="Strict")
