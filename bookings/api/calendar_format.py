"""Answers in iCalendar, whatever a calendar program says that it accepts."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response


class CalendarRenderer(BaseRenderer):
    """Sends a calendar file as it is, and a problem as JSON."""

    media_type = "text/calendar"
    format = "ics"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the body."""
        if isinstance(data, bytes):
            return data
        problem: bytes = JSONRenderer().render(data)
        return problem


class OneFormat(DefaultContentNegotiation):
    """Answers in the view's one format: many calendar programs send an odd `Accept`, or none."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the view's renderer."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


def calendar_response(file: bytes, *, filename: str) -> Response:
    """Return the answer with a calendar file; `filename` has ASCII letters and no quotes."""
    return Response(file, headers={"Content-Disposition": f'attachment; filename="{filename}"'})
