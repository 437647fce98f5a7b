"""What the links in mails are for: a new password, and proof of the address."""

from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.permissions import IsUser, active_user_of
from accounts.api.serializers import (
    EmailVerificationSerializer,
    PasswordResetRequestSerializer,
    PasswordResetSerializer,
)
from accounts.services import mailbox
from accounts.services.mailbox import LinkExpired
from booking_site.openapi import answers


@method_decorator(never_cache, name="dispatch")
class PasswordResetRequestView(APIView):
    """A mail for whoever forgot the password."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="auth_password_reset",
        summary="Ask for a new password",
        description=(
            "Mails a link to the owner of the address. The answer is the same whether or not the "
            "address has an account."
        ),
        tags=["auth"],
        request=PasswordResetRequestSerializer,
        responses=answers({202: None}, body=True, token=False),
        examples=[OpenApiExample("A guest", request_only=True, value={"email": "ada@example.com"})],
    )
    def post(self, request: Request) -> Response:
        sent = PasswordResetRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        mailbox.request_password_reset(**sent.validated_data)
        return Response(status=202)


@method_decorator(never_cache, name="dispatch")
class PasswordResetView(APIView):
    """A new password for whoever follows the link."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="auth_password_reset_confirm",
        summary="Set a new password",
        description=(
            "`uid` and `token` are the last two parts of the mailed link, which works once and "
            "for an hour. Ends every session of the user: sign in next."
        ),
        tags=["auth"],
        request=PasswordResetSerializer,
        responses=answers({204: None}, LinkExpired, body=True, token=False),
    )
    def post(self, request: Request) -> Response:
        sent = PasswordResetSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        mailbox.reset_password(**sent.validated_data, now=timezone.now())
        return Response(status=204)


@method_decorator(never_cache, name="dispatch")
class EmailVerificationView(APIView):
    """Proof that somebody reads the mails to an address."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="auth_verify_email",
        summary="Verify an address",
        description=(
            "`token` is the last part of the mailed link. An address that is verified already "
            "stays so. A change of the address makes older links worthless."
        ),
        tags=["auth"],
        request=EmailVerificationSerializer,
        responses=answers({204: None}, LinkExpired, body=True, token=False),
    )
    def post(self, request: Request) -> Response:
        sent = EmailVerificationSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        mailbox.verify_email(**sent.validated_data, now=timezone.now())
        return Response(status=204)


@method_decorator(never_cache, name="dispatch")
class EmailVerificationRequestView(APIView):
    """Another mail with the link."""

    permission_classes = (IsUser,)

    @extend_schema(
        operation_id="auth_verify_email_request",
        summary="Ask for the verification mail again",
        description="Mails nothing if the address is verified already.",
        tags=["auth"],
        request=None,
        responses=answers({202: None}),
    )
    def post(self, request: Request) -> Response:
        mailbox.request_email_verification(active_user_of(request))
        return Response(status=202)
