"""The one place where failures become problem+json answers (RFC 9457)."""

import logging
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from psycopg_pool import PoolTimeout
from rest_framework import exceptions
from rest_framework.response import Response

from booking_site import problems
from booking_site.problems import FieldError, Problem
from booking_site.request_id import current_request_id

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


def problem_body(problem: Problem) -> dict[str, Any]:
    """Return the JSON object that tells a client about the problem."""
    return {
        "type": problem.type_uri(),
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "errors": [error.as_json() for error in problem.errors],
        "request_id": current_request_id(),
        **problem.extra,
    }


def problem_response(problem: Problem) -> JsonResponse:
    """Return the answer for a problem that arises outside of a REST view."""
    return JsonResponse(
        problem_body(problem),
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers=_headers(problem),
    )


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer any exception of a REST view; None leaves an unexpected one to Django's 500."""
    problem = as_problem(exc)
    if problem is None:
        return None
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.warning("%s: %s", problem.slug, exc, exc_info=exc)
    headers = _headers(problem)
    if isinstance(exc, exceptions.APIException):
        for name, attribute in (("WWW-Authenticate", "auth_header"), ("Retry-After", "wait")):
            if value := getattr(exc, attribute, None):
                headers[name] = str(value)
    if isinstance(exc, exceptions.MethodNotAllowed):
        headers["Allow"] = ", ".join(context["view"].allowed_methods)
    return Response(
        problem_body(problem), problem.status, headers=headers, content_type=CONTENT_TYPE
    )


def as_problem(exc: Exception) -> Problem | None:
    """Translate an exception into the problem that a client sees, or None if it is unexpected."""
    match exc:
        case Problem():
            return exc
        case exceptions.ValidationError():
            return problems.InvalidInput(
                "Some of what was sent is not valid: see `errors`.",
                errors=list(_field_errors(exc.get_full_details())),
            )
        case OperationalError() | InterfaceError() | PoolTimeout():
            return problems.Unavailable(
                "The database did not answer in time. Please try again.", retry_after=2
            )
        case Http404():
            return problems.NotFound("Nothing was found at this address.")
        case PermissionDenied():
            return problems.NotAllowed("You may not do that.")
    for kind, problem in _DRF_PROBLEMS:
        if isinstance(exc, kind):
            return problem(str(exc.detail))
    return None


_DRF_PROBLEMS: list[tuple[type[exceptions.APIException], type[Problem]]] = [
    (exceptions.ParseError, problems.MalformedJson),
    (exceptions.NotAuthenticated, problems.NotAuthenticated),
    (exceptions.AuthenticationFailed, problems.NotAuthenticated),
    (exceptions.PermissionDenied, problems.NotAllowed),
    (exceptions.NotFound, problems.NotFound),
    (exceptions.MethodNotAllowed, problems.MethodNotAllowed),
    (exceptions.NotAcceptable, problems.NotAcceptable),
    (exceptions.UnsupportedMediaType, problems.UnsupportedMediaType),
]


def _headers(problem: Problem) -> dict[str, str]:
    headers = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def _field_errors(details: Any, path: tuple[str, ...] = ()) -> Iterator[FieldError]:
    """Flatten DRF's tree of error details into one entry a message."""
    if isinstance(details, list):
        for index, item in enumerate(details):
            inner = path if _is_message(item) else (*path, str(index))
            yield from _field_errors(item, inner)
    elif _is_message(details):
        field = ".".join(name for name in path if name != "non_field_errors")
        code = str(details["code"]).replace("_", "-")
        yield FieldError(field=field, code=code, detail=str(details["message"]))
    else:
        for name, item in details.items():
            yield from _field_errors(item, (*path, str(name)))


def _is_message(item: Any) -> bool:
    return isinstance(item, dict) and item.keys() == {"message", "code"}


def _page(
    problem: type[Problem], detail: str, html: Callable[..., HttpResponse]
) -> Callable[..., HttpResponse]:
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.path.startswith("/api/"):
            return problem_response(problem(detail))
        return html(request, *args, **kwargs)

    return view


bad_request = _page(
    problems.InvalidInput, "The request could not be understood.", defaults.bad_request
)
permission_denied = _page(problems.NotAllowed, "You may not do that.", defaults.permission_denied)
page_not_found = _page(
    problems.NotFound, "There is no such address in this API.", defaults.page_not_found
)
server_error = _page(
    problems.InternalError,
    "An unexpected error has been logged under this request_id.",
    defaults.server_error,
)
