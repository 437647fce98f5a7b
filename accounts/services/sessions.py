"""Signing in, staying signed in and signing out (docs/decisions/0004)."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.contrib.auth import authenticate
from django.db import transaction

from accounts import tokens
from accounts.models import LoginSession, Standing, User, session_expiry
from accounts.tokens import InvalidTokenError, IssuedToken
from booking_site.problems import Problem

logger = logging.getLogger(__name__)

_USER_AGENT_LENGTH = 200


class InvalidCredentials(Problem):
    """The address and the password do not open an account.

    The answer, and the time that it takes, are the same whether the address is unknown, the
    password wrong or the account deactivated.
    """

    slug: ClassVar[str] = "invalid-credentials"
    title: ClassVar[str] = "E-mail address or password is wrong"
    status: ClassVar[int] = 401
    client_action: ClassVar[str] = (
        "Let the user correct the address or the password, or reset the password."
    )


class SessionEnded(Problem):
    """The refresh token is missing, expired, revoked, used before or not one of ours."""

    slug: ClassVar[str] = "session-ended"
    title: ClassVar[str] = "This session is over"
    status: ClassVar[int] = 401
    client_action: ClassVar[str] = (
        "Forget the tokens and let the user sign in again. "
        "Do not send the same refresh token again."
    )


@dataclass(frozen=True, kw_only=True)
class SessionTokens:
    """What a session gives out: a token for the calls, and one to get the next pair with."""

    access: IssuedToken
    refresh: IssuedToken


def log_in(*, email: str, password: str, user_agent: str, now: datetime) -> SessionTokens:
    """Open a session for the user with this address and password.

    Django's backend runs the password hasher once, whoever asks and whatever it finds.
    Raises InvalidCredentials.
    """
    user = authenticate(email=email, password=password)
    if not isinstance(user, User):
        raise InvalidCredentials("No active account has this e-mail address and password.")
    session = LoginSession.objects.create(
        user=user,
        password_fingerprint=user.get_session_auth_hash(),
        user_agent="".join(filter(str.isprintable, user_agent))[:_USER_AGENT_LENGTH],
        created_at=now,
        last_used_at=now,
        expires_at=session_expiry(created_at=now, now=now),
    )
    return _tokens_of(session, now)


def refresh(*, refresh_token: str, now: datetime) -> SessionTokens:
    """Exchange a refresh token for a new pair.

    The token that was current before answers with the current one again for ROTATION_GRACE. Any
    other token of the family is a copy that somebody keeps: it ends the session for both.

    Raises SessionEnded.
    """
    try:
        claims = tokens.read_refresh_token(refresh_token)
    except InvalidTokenError as error:
        raise SessionEnded("This refresh token is not valid.") from error
    with transaction.atomic(durable=True):
        session = _lock_usable_session(claims.session_id, now)
        standing = session.standing_of(claims.jti, now=now)
        if standing is Standing.CURRENT:
            session.rotate(now=now)
            session.save()
        elif standing is Standing.SPENT:
            revoke_sessions([session.id], now=now)
    # Only now, so that the revocation is committed and not rolled back by the refusal.
    if standing is Standing.SPENT:
        logger.warning("Session %s was revoked: a spent refresh token came back.", session.id)
        raise SessionEnded("This refresh token had been used before, so the session was ended.")
    return _tokens_of(session, now)


def log_out(*, refresh_token: str, now: datetime) -> None:
    """End the session of this refresh token. One that is over, or never was, stays so."""
    try:
        claims = tokens.read_refresh_token(refresh_token)
    except InvalidTokenError:
        return
    revoke_sessions([claims.session_id], now=now)


def revoke_sessions(session_ids: Iterable[UUID], *, now: datetime) -> int:
    """End these sessions. Returns how many of them were still open."""
    open_sessions = LoginSession.objects.filter(id__in=session_ids, revoked_at__isnull=True)
    return open_sessions.update(revoked_at=now)


def revoke_all_sessions(user: User, *, now: datetime) -> int:
    """End every session of the user. Returns how many were open."""
    return user.login_sessions.filter(revoked_at__isnull=True).update(revoked_at=now)


def purge_expired_sessions(*, now: datetime) -> int:
    """Delete the sessions that no token can belong to any more. Returns how many there were.

    Revoked ones are kept until they expire, so that staff can see them.
    """
    deleted, _ = LoginSession.objects.filter(expires_at__lte=now).delete()
    return deleted


def _lock_usable_session(session_id: UUID, now: datetime) -> LoginSession:
    session = (
        LoginSession.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(id=session_id)
        .first()
    )
    if session is None or not session.is_usable(now=now):
        raise SessionEnded("This session has ended.")
    return session


def _tokens_of(session: LoginSession, now: datetime) -> SessionTokens:
    return SessionTokens(
        access=tokens.access_token(session.user_id, now=now),
        refresh=tokens.refresh_token(session, now=now),
    )
