"""Who sends a request, by its bearer token alone: no query."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request

from accounts.tokens import InvalidTokenError, read_bearer_token

_SCHEME = "Bearer"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who sends the request: a user by its id, or a visitor by a random id that is in no table."""

    id: UUID
    is_visitor: bool
    is_authenticated: ClassVar[bool] = True


class TokenAuthentication(BaseAuthentication):
    """Reads `Authorization: Bearer TOKEN` into a Principal.

    The signature is all that is checked, so a deactivated user gets in until the token expires:
    what must not happen then asks for the permission `IsActiveUser`.
    """

    def authenticate(self, request: Request) -> tuple[Principal, None] | None:
        """Return the principal, or None if no bearer token was sent.

        Raises AuthenticationFailed if one was sent that is not valid.
        """
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != _SCHEME.lower().encode():
            return None
        try:
            claims = read_bearer_token(token.strip())
        except InvalidTokenError as error:
            raise AuthenticationFailed("The bearer token is not valid or has expired.") from error
        return Principal(id=claims.id, is_visitor=claims.is_visitor), None

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge that goes with every 401."""
        return _SCHEME


def principal_of(request: Request) -> Principal | None:
    """Return who sends the request, or None if no token was sent."""
    principal: object = request.user
    return principal if isinstance(principal, Principal) else None


def user_id_of(request: Request) -> UUID:
    """Return the id of the user who sends the request.

    Raises NotAuthenticated without a token and PermissionDenied with a visitor's, so that a view
    which forgot its permission class can't mistake a visitor for a user.
    """
    principal = principal_of(request)
    if principal is None:
        raise NotAuthenticated
    if principal.is_visitor:
        raise PermissionDenied
    return principal.id
