"""How a user's bookings are paged."""

from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from booking_site.problems import FieldError, InvalidInput


class NewestFirst(CursorPagination):
    """By cursor, so that a booking made meanwhile neither hides nor repeats another one."""

    ordering = ("-created_at", "-id")
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_page_size(self, request: Request) -> int:
        """Return the wanted size. Raises InvalidInput where DRF would quietly take its own."""
        wanted = request.query_params.get("page_size", str(self.page_size))
        if wanted.isascii() and wanted.isdecimal() and 1 <= len(wanted) <= 3:
            size = int(wanted)
            if 1 <= size <= self.max_page_size:
                return size
        error = FieldError(
            field="page_size", code="out-of-range", detail=f"Use 1 to {self.max_page_size}."
        )
        raise InvalidInput(error.detail, errors=[error])
