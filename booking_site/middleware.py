"""What happens to every request before any app sees it."""

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from uuid_utils.compat import uuid7

from booking_site import errors, problems
from booking_site.request_id import set_request_id

GetResponse = Callable[[HttpRequest], HttpResponse]

_TRUSTED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIdMiddleware:
    """Takes the request id that the load balancer gave, or makes one, and answers with it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request under its id."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _TRUSTED_ID.fullmatch(given) else str(uuid7())
        set_request_id(request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class BodyLimitMiddleware:
    """Refuses bodies that no call of the API needs, before they are read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 413 to an oversized body, by its declared length."""
        if request.path.startswith("/api/"):
            length = request.META.get("CONTENT_LENGTH") or "0"
            if int(length) > settings.API_BODY_LIMIT:
                limit_kib = settings.API_BODY_LIMIT // 1024
                return errors.problem_response(
                    problems.BodyTooLarge(f"A body may have {limit_kib} KiB at most.")
                )
        return self.get_response(request)
