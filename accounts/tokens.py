"""JSON Web Tokens: what ours say, how they are made and how they are read.

All are signed with HS256 and name their issuer. `token_type` tells the three kinds apart, so that
none can pass for another. None says when it was made (`iat`): a server whose clock is behind would
refuse it, and a session knows it anyway.

- `access`: `sub` is the user. Checked by its signature alone.
- `visitor`: belongs to nobody and may only look around.
- `refresh`: `family` is the LoginSession. Worth something only while that session says so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.state import token_backend
from rest_framework_simplejwt.tokens import UntypedToken

from accounts.models import LoginSession


class TokenKind(StrEnum):
    """The claim `token_type`."""

    ACCESS = "access"
    VISITOR = "visitor"
    REFRESH = "refresh"


class InvalidTokenError(Exception):
    """The token is forged, expired, malformed or of another kind; which one is not told."""


@dataclass(frozen=True, kw_only=True)
class IssuedToken:
    """A signed token and how many seconds it is good for."""

    value: str
    expires_in: int


@dataclass(frozen=True, kw_only=True)
class BearerClaims:
    """Whom an access or visitor token speaks for. A visitor's id is random and in no table."""

    id: UUID
    is_visitor: bool


@dataclass(frozen=True, kw_only=True)
class RefreshClaims:
    """Which token of which session a refresh token is."""

    session_id: UUID
    jti: UUID


def access_token(user_id: UUID, *, now: datetime) -> IssuedToken:
    """Return a token that lets the user in for ACCESS_TOKEN_LIFETIME."""
    return _issue(TokenKind.ACCESS, now, settings.ACCESS_TOKEN_LIFETIME, sub=str(user_id))


def visitor_token(*, now: datetime) -> IssuedToken:
    """Return a token that may look around for VISITOR_TOKEN_LIFETIME."""
    return _issue(TokenKind.VISITOR, now, settings.VISITOR_TOKEN_LIFETIME)


def refresh_token(session: LoginSession, *, now: datetime) -> IssuedToken:
    """Return the session's current refresh token, good until the session expires."""
    return _issue(
        TokenKind.REFRESH,
        now,
        session.expires_at - now,
        family=str(session.id),
        jti=str(session.current_jti),
    )


def read_bearer_token(encoded: str | bytes) -> BearerClaims:
    """Return whom the token speaks for, by its signature and the clock alone.

    Raises InvalidTokenError.
    """
    claims = _read(encoded)
    match claims.get("token_type"):
        case TokenKind.ACCESS:
            return BearerClaims(id=_uuid(claims, "sub"), is_visitor=False)
        case TokenKind.VISITOR:
            return BearerClaims(id=_uuid(claims, "jti"), is_visitor=True)
    raise InvalidTokenError


def read_refresh_token(encoded: str) -> RefreshClaims:
    """Return which token of which session this is; its session decides what it is worth.

    Raises InvalidTokenError.
    """
    claims = _read(encoded)
    if claims.get("token_type") != TokenKind.REFRESH:
        raise InvalidTokenError
    return RefreshClaims(session_id=_uuid(claims, "family"), jti=_uuid(claims, "jti"))


def _issue(kind: TokenKind, now: datetime, lifetime: timedelta, **claims: str) -> IssuedToken:
    payload = {
        "token_type": kind,
        "jti": str(uuid4()),
        "exp": int((now + lifetime).timestamp()),
        **claims,
    }
    return IssuedToken(
        value=token_backend.encode(payload), expires_in=int(lifetime.total_seconds())
    )


def _read(encoded: str | bytes) -> dict[str, Any]:
    try:
        payload: dict[str, Any] = UntypedToken(encoded).payload  # type: ignore[arg-type]
    except TokenError as error:
        raise InvalidTokenError from error
    return payload


def _uuid(claims: dict[str, Any], name: str) -> UUID:
    try:
        return UUID(claims[name])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidTokenError from error
