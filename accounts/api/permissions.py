"""Who may call what. Every view has exactly one of these, `IsUser` if it names none."""

from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import selectors
from accounts.api.authentication import principal_of, user_id_of
from accounts.models import User

_ACCOUNT_IS_GONE = "This account can't be used any more."


class MayLookAround(BasePermission):
    """Anybody with a token, a visitor's too: for what shows rooms and changes nothing."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Return whether the request has a token."""
        return principal_of(request) is not None


class IsUser(BasePermission):
    """A signed-in user, by the token alone: for what reads the user's own things."""

    message = "A visitor may only look around: sign in for this."

    def has_permission(self, request: Request, view: object) -> bool:
        """Return whether the request has a user's token."""
        principal = principal_of(request)
        return principal is not None and not principal.is_visitor


class IsActiveUser(IsUser):
    """A signed-in user who still exists and was not deactivated: for writes. Costs one query."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Return whether the request has a user's token. Raises AuthenticationFailed (401)."""
        if not super().has_permission(request, view):
            return False
        if not selectors.is_active_user(user_id_of(request)):
            raise AuthenticationFailed(_ACCOUNT_IS_GONE)
        return True


def active_user_of(request: Request) -> User:
    """Return the user who sends the request, with one query.

    Raises AuthenticationFailed (401) if the user is deleted or deactivated.
    """
    user = selectors.active_user(user_id_of(request))
    if user is None:
        raise AuthenticationFailed(_ACCOUNT_IS_GONE)
    return user
