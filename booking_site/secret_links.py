"""Addresses that open something to whoever knows them, for programs that can't sign in.

A token is a random nonce from the database, signed with SECRET_KEY: it can be shown again whenever
its owner asks, but a copy of the database alone gives none away. A new nonce makes the old address
worthless.
"""

from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode


class SecretLinks:
    """Tokens of one purpose; those of another purpose are worth nothing here."""

    def __init__(self, purpose: str) -> None:
        self._signer = Signer(sep=".", salt=f"booking_site.secret_links:{purpose}")

    def token(self, nonce: UUID) -> str:
        """Return the token for this nonce, in letters that a URL takes as they are."""
        return self._signer.sign(urlsafe_base64_encode(nonce.bytes))

    def nonce(self, token: str) -> UUID | None:
        """Return the nonce of a token, or None if we never made that token."""
        try:
            return UUID(bytes=urlsafe_base64_decode(self._signer.unsign(token)))
        except (BadSignature, ValueError):
            return None
