"""How a user's bookings are paged."""

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """By cursor, so that a booking made meanwhile neither hides nor repeats another one."""

    ordering = ("-created_at", "-id")
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
