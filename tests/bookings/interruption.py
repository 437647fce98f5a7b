"""A process that dies between two statements."""

from collections.abc import Callable
from typing import Any


def die_after(queries: int) -> Callable[..., Any]:
    """Return a wrapper for `connection.execute_wrapper` that lets so many statements pass."""
    left = iter(range(queries))

    def execute(run: Callable[..., Any], *query: Any) -> Any:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return run(*query)

    return execute
