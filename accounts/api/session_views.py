"""Signing in, staying signed in and signing out."""

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.refresh_channel import (
    CSRF_HEADER,
    CsrfHeaderMissing,
    RefreshTokenIn,
    SentRefreshToken,
    clear_cookie,
    sent_refresh_token,
    set_cookie,
)
from accounts.api.serializers import CredentialsSerializer, RefreshSerializer, TokensSerializer
from accounts.services import sessions
from accounts.services.sessions import InvalidCredentials, SessionEnded, SessionTokens
from booking_site.openapi import answers

_CSRF_PARAMETER = OpenApiParameter(
    CSRF_HEADER,
    location=OpenApiParameter.HEADER,
    description="Needed, with any value, when the refresh token is in the cookie.",
)


@method_decorator(never_cache, name="dispatch")
class LoginView(APIView):
    """A session for whoever knows address and password."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="auth_login",
        summary="Sign in",
        description=(
            "Gives an access token, and a refresh token in an HttpOnly cookie; a client without "
            'cookies asks for it in the body by `"refresh_token_in": "body"`.'
        ),
        tags=["auth"],
        request=CredentialsSerializer,
        responses=answers({200: TokensSerializer}, InvalidCredentials, body=True, token=False),
        examples=[
            OpenApiExample(
                "A program",
                request_only=True,
                value={
                    "email": "ada@example.com",
                    "password": "correct horse battery",
                    "refresh_token_in": "body",
                },
            )
        ],
    )
    def post(self, request: Request) -> Response:
        sent = CredentialsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        issued = sessions.log_in(
            email=sent.validated_data["email"],
            password=sent.validated_data["password"],
            user_agent=request.headers.get("User-Agent", ""),
            now=timezone.now(),
        )
        return _hand_out(issued, RefreshTokenIn(sent.validated_data["refresh_token_in"]))


@method_decorator(never_cache, name="dispatch")
class RefreshView(APIView):
    """A new pair of tokens for a refresh token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="auth_refresh",
        summary="Stay signed in",
        description=(
            "Exchanges the refresh token, which is then spent, for a new pair; the new one comes "
            "the way the old one came. A spent token that is sent again ends the session, except "
            "within ten seconds, so that two tabs may refresh at once."
        ),
        tags=["auth"],
        parameters=[_CSRF_PARAMETER],
        request=RefreshSerializer,
        responses=answers(
            {200: TokensSerializer}, SessionEnded, CsrfHeaderMissing, body=True, token=False
        ),
    )
    def post(self, request: Request) -> Response:
        token = _sent_token(request)
        if token is None:
            raise SessionEnded("No refresh token was sent.")
        issued = sessions.refresh(refresh_token=token.value, now=timezone.now())
        return _hand_out(issued, token.channel)


@method_decorator(never_cache, name="dispatch")
class LogoutView(APIView):
    """The end of a session."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="auth_logout",
        summary="Sign out",
        description=(
            "Ends the session of the refresh token and clears the cookie. Needs no access token, "
            "and is done however often it is asked for. An access token lives on until it expires."
        ),
        tags=["auth"],
        parameters=[_CSRF_PARAMETER],
        request=RefreshSerializer,
        responses=answers({204: None}, CsrfHeaderMissing, body=True, token=False),
    )
    def post(self, request: Request) -> Response:
        token = _sent_token(request)
        if token is not None:
            sessions.log_out(refresh_token=token.value, now=timezone.now())
        response = Response(status=204)
        clear_cookie(response)
        return response


def _sent_token(request: Request) -> SentRefreshToken | None:
    sent = RefreshSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    return sent_refresh_token(request, sent.validated_data.get("refresh"))


def _hand_out(issued: SessionTokens, channel: RefreshTokenIn) -> Response:
    body = {
        "access": issued.access.value,
        "token_type": "Bearer",
        "expires_in": issued.access.expires_in,
    }
    if channel is RefreshTokenIn.BODY:
        return Response(TokensSerializer({**body, "refresh": issued.refresh.value}).data)
    response = Response(TokensSerializer(body).data)
    set_cookie(response, issued.refresh)
    return response
