"""Problems: the failures that a client is told about (RFC 9457).

A `Problem` subclass is declared beside the function that raises it. Its class attributes are the
documentation of that problem type: the page behind its `type` and `docs/problems.md` are made from
them, so that what a client reads can't differ from what the code does.
"""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One thing that is wrong with what a client sent.

    `field` is the name in the JSON body or query string, dotted where it is nested, and empty where
    no single field is to blame. `code` is stable and for programs, `detail` is for people.
    """

    field: str
    code: str
    detail: str

    def as_json(self) -> dict[str, str]:
        """Return the member of the problem's `errors` list."""
        return {"field": self.field, "code": self.code, "detail": self.detail}


class Problem(Exception):
    """An expected failure: stable type, one title, what a client should do.

    `extra` members are added to the problem's JSON object as they are, so they must be JSON values
    or dates. `retry_after` is in seconds.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    status: ClassVar[int]
    client_action: ClassVar[str]

    # Templates show the classes themselves; without this they would call them.
    do_not_call_in_templates: ClassVar[bool] = True

    def __init__(
        self,
        detail: str,
        *,
        errors: Iterable[FieldError] = (),
        retry_after: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.retry_after = retry_after
        self.extra = dict(extra or {})

    @classmethod
    def type_uri(cls) -> str:
        """Return the problem's `type`: a reference to the page that explains it."""
        return f"/problems/{cls.slug}"

    @classmethod
    def meaning(cls) -> str:
        """Return what the problem means: the docstring of its class."""
        return inspect.cleandoc(cls.__doc__ or "")


def all_problems() -> list[type[Problem]]:
    """Return every problem type that has been declared, by slug."""
    return sorted(_subclasses(Problem), key=lambda problem: problem.slug)


def _subclasses(of: type[Problem]) -> Iterator[type[Problem]]:
    for subclass in of.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


class InvalidInput(Problem):
    """A field is missing, malformed or breaks a rule. Nothing was done."""

    slug = "invalid-input"
    title = "The request is not valid"
    status = 400
    client_action = (
        "Show each entry of `errors` at its `field` and let the user correct it. "
        "Sending the same request again gives the same answer."
    )


class MalformedJson(Problem):
    """The body is not a JSON document that can be read."""

    slug = "malformed-json"
    title = "The body is not readable JSON"
    status = 400
    client_action = "Send one UTF-8 JSON object with `Content-Type: application/json`."


class NotAuthenticated(Problem):
    """The bearer token is missing, expired, revoked or not one of ours."""

    slug = "not-authenticated"
    title = "A valid bearer token is needed"
    status = 401
    client_action = (
        "Refresh the access token once at `/api/v1/auth/refresh`; when that fails too, "
        "let the user sign in again. To search only, get a token at `/api/v1/auth/visitor`."
    )


class NotAllowed(Problem):
    """The token is valid, but not for this."""

    slug = "not-allowed"
    title = "This token may not do that"
    status = 403
    client_action = "A visitor's token may only look around: let the user sign in to go on."


class NotFound(Problem):
    """There is no such thing, or it belongs to somebody else: the answer is the same for both."""

    slug = "not-found"
    title = "There is nothing here"
    status = 404
    client_action = "Check the address and the id. Do not try again."


class MethodNotAllowed(Problem):
    """The address exists, but not for this HTTP method."""

    slug = "method-not-allowed"
    title = "That method is not allowed here"
    status = 405
    client_action = "Use one of the methods that the `Allow` header lists."


class NotAcceptable(Problem):
    """The `Accept` header leaves no format that can be sent."""

    slug = "not-acceptable"
    title = "No acceptable format"
    status = 406
    client_action = "Accept `application/json`."


class BodyTooLarge(Problem):
    """The body is larger than the API takes (64 KiB)."""

    slug = "body-too-large"
    title = "The body is too large"
    status = 413
    client_action = "Send less: no call of this API needs more than a few KiB."


class UnsupportedMediaType(Problem):
    """The body is not sent as JSON."""

    slug = "unsupported-media-type"
    title = "Only JSON is understood"
    status = 415
    client_action = "Send the body with `Content-Type: application/json`."


class InternalError(Problem):
    """A fault of ours. It has been logged under the `request_id`."""

    slug = "internal-error"
    title = "Something went wrong on our side"
    status = 500
    client_action = (
        "Try again later with the same `Idempotency-Key`. If it stays, report the `request_id`."
    )


class Unavailable(Problem):
    """The service is too busy for this request, or a part that it needs is down.

    Nothing that was acknowledged before is lost.
    """

    slug = "unavailable"
    title = "The service is busy"
    status = 503
    client_action = (
        "Wait `Retry-After` seconds and send the same request with the same `Idempotency-Key`: "
        "if the first one went through after all, its answer comes back and nothing is done twice."
    )
