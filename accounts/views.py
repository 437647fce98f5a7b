"""The pages behind the links in mails: they work in any browser, without scripts and cookies.

Nothing here rests on a cookie, so no other site can misuse a visitor's: what allows something is
the link itself. The link stays out of caches and of the Referer of whatever is loaded next. A GET
never changes anything, since programs that check mails for harmful links follow each of them.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language_from_request, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import mailed_tokens
from accounts.forms import NewPasswordForm, PasswordResetRequestForm
from accounts.services import mailbox
from accounts.services.mailbox import LinkExpired
from booking_site.problems import InvalidInput

View = Callable[..., HttpResponse]


def _mailed_page(view: View) -> View:
    """Show a page in the language of the browser, and keep its address to itself."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with override(get_language_from_request(request)):
            try:
                response = view(request, *args, **kwargs)
            except LinkExpired as expired:
                response = render(request, "accounts/link_expired.html", status=expired.status)
        response["Referrer-Policy"] = "no-referrer"
        return response

    # With no Referer a browser sends `Origin: null`, which Django's check of forms would refuse.
    return csrf_exempt(never_cache(require_http_methods(["GET", "HEAD", "POST"])(page)))


@_mailed_page
def sign_in(request: HttpRequest) -> HttpResponse:
    """Say where one signs in, and what to do without the password."""
    return render(request, "accounts/sign_in.html")


@_mailed_page
def request_password_reset(request: HttpRequest) -> HttpResponse:
    """Let somebody who forgot the password ask for the link."""
    form = PasswordResetRequestForm(_sent(request))
    if not form.is_valid():
        return render(request, "accounts/request_password_reset.html", {"form": form})
    mailbox.request_password_reset(email=form.cleaned_data["email"])
    return render(request, "accounts/password_reset_requested.html")


@_mailed_page
def reset_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """Let whoever followed the link set a new password."""
    user = mailed_tokens.user_for_password_reset(uid, token)
    if user is None:
        raise LinkExpired("This link does not work any more.")
    form = NewPasswordForm(_sent(request))
    if form.is_valid() and _set_password(form, uid, token):
        return render(request, "accounts/password_changed.html")
    return render(request, "accounts/reset_password.html", {"form": form, "email": user.email})


@_mailed_page
def verify_email(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever followed the link verify the address, by a button."""
    user = mailed_tokens.user_for_email_verification(token)
    if user is None:
        raise LinkExpired("This link does not work any more.")
    if request.method != "POST":
        return render(request, "accounts/verify_email.html", {"email": user.email})
    mailbox.verify_email(token=token, now=timezone.now())
    return render(request, "accounts/email_verified.html", {"email": user.email})


def _sent(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _set_password(form: NewPasswordForm, uid: str, token: str) -> bool:
    """Set the password, or tell the form why it can't be used."""
    try:
        mailbox.reset_password(
            uid=uid, token=token, password=form.cleaned_data["password"], now=timezone.now()
        )
    except InvalidInput as refusal:
        for error in refusal.errors:
            form.add_error("password", error.detail)
    return form.is_valid()
