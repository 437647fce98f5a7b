"""Accounts: to make one, to look at one's own, and to look around without one."""

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import selectors, tokens
from accounts.api.authentication import user_id_of
from accounts.api.permissions import IsUser
from accounts.api.serializers import (
    AccessTokenSerializer,
    ProfileChangeSerializer,
    ProfileSerializer,
    RegisteredSerializer,
    RegistrationSerializer,
)
from accounts.models import User
from accounts.services import registration
from booking_site.openapi import answers


@method_decorator(never_cache, name="dispatch")
class RegisterView(APIView):
    """An account for whoever asks for one."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="auth_register",
        summary="Make an account",
        description=(
            "The answer is the same whether or not the address already has an account, which then "
            "stays as it is: nobody learns from it who is a guest here. Sign in next."
        ),
        tags=["auth"],
        request=RegistrationSerializer,
        responses=answers({201: RegisteredSerializer}, body=True, token=False),
        examples=[
            OpenApiExample(
                "A guest",
                request_only=True,
                value={
                    "email": "ada@example.com",
                    "password": "correct horse battery",
                    "full_name": "Ada Guest",
                },
            )
        ],
    )
    def post(self, request: Request) -> Response:
        sent = RegistrationSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        language = get_language_from_request(request)
        registration.register(**{"language": language, **sent.validated_data})
        return Response(RegisteredSerializer(sent.validated_data).data, status=201)


@method_decorator(never_cache, name="dispatch")
class VisitorView(APIView):
    """A token for people who have not signed in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="auth_visitor",
        summary="Look around without an account",
        description=(
            "The token opens search, rooms, calendars, quotes and locations, and nothing else. "
            "When it has expired, get another."
        ),
        tags=["auth"],
        request=None,
        responses=answers({201: AccessTokenSerializer}, token=False),
    )
    def post(self, request: Request) -> Response:
        token = tokens.visitor_token(now=timezone.now())
        answer = {"access": token.value, "token_type": "Bearer", "expires_in": token.expires_in}
        return Response(AccessTokenSerializer(answer).data, status=201)


@method_decorator(never_cache, name="dispatch")
class MeView(APIView):
    """The account of whoever asks."""

    permission_classes = (IsUser,)

    @extend_schema(
        operation_id="auth_me",
        summary="Show my account",
        description="`email_verified_at` is null until the address has been verified.",
        tags=["auth"],
        responses=answers({200: ProfileSerializer}),
    )
    def get(self, request: Request) -> Response:
        return Response(ProfileSerializer(_active_user(request)).data)

    @extend_schema(
        operation_id="auth_me_change",
        summary="Change my account",
        description="The name, which an empty one removes, and the language of your mails.",
        tags=["auth"],
        request=ProfileChangeSerializer,
        responses=answers({200: ProfileSerializer}, body=True),
        examples=[OpenApiExample("A name", request_only=True, value={"full_name": "Ada King"})],
    )
    def patch(self, request: Request) -> Response:
        sent = ProfileChangeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        user = _active_user(request)
        registration.change_profile(user, **sent.validated_data)
        return Response(ProfileSerializer(user).data)


def _active_user(request: Request) -> User:
    user = selectors.active_user(user_id_of(request))
    if user is None:
        raise AuthenticationFailed("This account can't be used any more.")
    return user
