"""What the OpenAPI document says of every operation."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from booking_site.problems import (
    BodyTooLarge,
    InvalidInput,
    MalformedJson,
    MethodNotAllowed,
    NotAcceptable,
    NotAllowed,
    NotAuthenticated,
    Problem,
    Unavailable,
    UnsupportedMediaType,
)

_PROBLEM_JSON = "application/problem+json"

_EVERYWHERE = (InvalidInput, MethodNotAllowed, NotAcceptable, Unavailable)
_WITH_A_TOKEN = (NotAuthenticated, NotAllowed)
_WITH_A_BODY = (MalformedJson, BodyTooLarge, UnsupportedMediaType)


class FieldErrorSerializer(serializers.Serializer[Any]):
    """One thing that is wrong with what was sent."""

    field = serializers.CharField(
        allow_blank=True, help_text="Name in the body or query, dotted where nested."
    )
    code = serializers.CharField(help_text="Stable, for programs.")
    detail = serializers.CharField(help_text="For people.")


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem. Some types add members of their own; the page behind `type` names them."""

    type = serializers.CharField(help_text="Stable reference to the page that explains it.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = FieldErrorSerializer(many=True)  # type: ignore[assignment]
    request_id = serializers.CharField(help_text="Quote it when you report a fault.")


def answers(
    success: Mapping[int, Any],
    *problem_types: type[Problem],
    body: bool = False,
    token: bool = True,
) -> dict[int | tuple[int, str], Any]:
    """Return the `responses` of an operation: its success and every problem it can answer with.

    `problem_types` are those of the operation itself; the ones that any call has are added, for a
    call with a request body where `body` is true, for one that needs a bearer token unless `token`
    is false.
    """
    found: dict[int, list[type[Problem]]] = {}
    everything = (
        *problem_types,
        *_EVERYWHERE,
        *(_WITH_A_TOKEN if token else ()),
        *(_WITH_A_BODY if body else ()),
    )
    for problem in dict.fromkeys(everything):
        found.setdefault(problem.status, []).append(problem)
    responses: dict[int | tuple[int, str], Any] = {}
    responses.update(success.items())
    for status, problems in sorted(found.items()):
        responses[status, _PROBLEM_JSON] = OpenApiResponse(
            ProblemSerializer,
            description="; ".join(f"`{problem.slug}`: {problem.title}" for problem in problems),
            examples=[_example(problem) for problem in problems],
        )
    return responses


def _example(problem: type[Problem]) -> OpenApiExample:
    return OpenApiExample(
        problem.slug,
        media_type=_PROBLEM_JSON,
        response_only=True,
        value={
            "type": problem.type_uri(),
            "title": problem.title,
            "status": problem.status,
            "detail": "What happened in this very case.",
            "errors": [],
            "request_id": "01a20503-5872-7194-9c85-517ee4358df6",
        },
    )
