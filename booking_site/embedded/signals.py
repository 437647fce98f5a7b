import contextlib
import os
import select
import signal
from collections import deque
from types import FrameType, TracebackType
from typing import Self

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SignalInbox:
    """Collects the signals that ask to stop, and wakes a waiting program at once.

    The death of a child wakes it too, so that nothing needs to poll.
    """

    def __init__(self) -> None:
        self._pending: deque[int] = deque()
        self._previous: dict[signal.Signals, signal._HANDLER] = {}
        self._wake_up_reader, self._wake_up_writer = os.pipe()
        self._previous_wake_up = -1

    def __enter__(self) -> Self:
        for descriptor in (self._wake_up_reader, self._wake_up_writer):
            os.set_blocking(descriptor, False)
        self._previous_wake_up = signal.set_wakeup_fd(
            self._wake_up_writer, warn_on_full_buffer=False
        )
        for number in (*STOP_SIGNALS, signal.SIGCHLD):
            # Whoever started this under nohup wants it to outlive the terminal.
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue
            self._previous[number] = signal.signal(number, self._receive)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._previous_wake_up)
        os.close(self._wake_up_reader)
        os.close(self._wake_up_writer)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._pending.append(number)

    def take(self) -> int | None:
        """Return the oldest signal that nobody has taken yet, or None."""
        return self._pending.popleft() if self._pending else None

    def wait(self, seconds: float) -> None:
        """Sleep until a signal comes or the seconds are over."""
        select.select([self._wake_up_reader], [], [], max(seconds, 0))
        with contextlib.suppress(BlockingIOError):
            while os.read(self._wake_up_reader, 512):
                pass
