"""The accounts as which a replay talks to the API."""

import threading
import time

from django.utils.crypto import salted_hmac

from bookings.replay.api_client import ApiClient, ApiError

ACCOUNTS = 8
_RENEW_SECONDS_BEFORE = 60


class Account:
    """A guest who registers and signs in through the API, with a token that threads share."""

    def __init__(self, number: int) -> None:
        self.email = f"replay-{number}@demo.example"
        # The same in every run, and nobody who lacks the site's secret can guess it.
        self._password = salted_hmac("bookings.replay", self.email).hexdigest()
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = 0.0

    def register(self, client: ApiClient) -> None:
        """Make the account; one that exists stays as it is."""
        credentials = {"email": self.email, "password": self._password}
        reply = client.send("POST", "/auth/register", credentials)
        if reply.status >= 400:
            raise ApiError(f"{self.email} was not registered: {reply.status} {reply.body}")

    def token(self, client: ApiClient) -> str:
        """Return an access token that is good for a minute or more."""
        with self._lock:
            if time.monotonic() >= self._renew_at:
                self._sign_in(client)
            return self._token

    def _sign_in(self, client: ApiClient) -> None:
        credentials = {"email": self.email, "password": self._password}
        reply = client.send("POST", "/auth/login", credentials)
        if reply.status != 200:
            raise ApiError(f"{self.email} can't sign in: {reply.status} {reply.body}")
        self._token = reply.body["access"]
        self._renew_at = time.monotonic() + reply.body["expires_in"] - _RENEW_SECONDS_BEFORE
