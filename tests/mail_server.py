"""A mail server of our own, which can be as bad as real ones."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from booking_site.embedded.ports import LOOPBACK, pick_free_port


class MailServer:
    """Keeps the mails that it has answered with 250, in their order.

    `at_recipient` and `at_data` are its answers instead, as "451 later". Whoever sends while it is
    `holding` waits before the 250 until it is let go; `held` counts those.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.at_recipient = self.at_data = ""
        self.held = threading.Semaphore(0)
        self._open = threading.Event()
        self._open.set()
        self.port = pick_free_port()
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._open.set()
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.port}"

    @property
    def arrived(self) -> Counter[str]:
        """How often each Message-ID has arrived."""
        return Counter(mail["Message-ID"] for mail in self.mails)

    @contextmanager
    def holding(self) -> Iterator[None]:
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.at_recipient:
            return self.at_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.at_data:
            return self.at_data
        if not self._open.is_set():
            self.held.release()
            await server.loop.run_in_executor(None, self._open.wait)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"
