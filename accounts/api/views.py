"""Accounts: to make one, to look at one's own, and to look around without one."""

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language_from_request
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.api.permissions import IsUser, active_user_of
from accounts.api.serializers import (
    AccessTokenSerializer,
    ProfileChangeSerializer,
    ProfileSerializer,
    RegisteredSerializer,
    RegistrationSerializer,
)
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
            "stays as it is: nobody learns from it who is a guest here. The owner of the mailbox "
            "gets a mail that says which. Sign in next."
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
        return Response(ProfileSerializer(active_user_of(request)).data)

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
        user = active_user_of(request)
        registration.change_profile(user, **sent.validated_data)
        return Response(ProfileSerializer(user).data)
