class EmbeddedError(Exception):
    """Something the user can put right; the message alone is shown, without a traceback."""


class StopRequestedError(Exception):
    """A signal asked the running command to stop."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"stopped by signal {signal_number}")
        self.signal_number = signal_number
