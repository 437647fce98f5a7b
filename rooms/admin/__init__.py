"""What staff see and do of properties, rooms, nights and blocks."""

from rooms.admin import blocks, properties, rooms

__all__ = ["blocks", "properties", "rooms"]
