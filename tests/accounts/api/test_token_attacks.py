"""Forged, expired and misused tokens open nothing, and none of them is a 500."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import LoginSession, User
from tests.factories import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

KEY: str = settings.SIMPLE_JWT["SIGNING_KEY"]
ME = "/api/v1/auth/me"
REFRESH = "/api/v1/auth/refresh"


def b64(data: bytes | dict[str, Any]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(user: User, **changes: Any) -> dict[str, Any]:
    payload = {
        "token_type": "access",
        "sub": str(user.id),
        "jti": uuid4().hex,
        "iss": "booking_site",
        "exp": int((timezone.now() + timedelta(minutes=5)).timestamp()),
    }
    return {name: value for name, value in {**payload, **changes}.items() if value is not None}


def status(token: str) -> int:
    answer = APIClient().get(ME, headers={"Authorization": f"Bearer {token}"})
    if answer.status_code == 401:
        assert answer.json()["type"] == "/problems/not-authenticated"
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    return int(answer.status_code)


def test_control_a_token_made_here_with_the_key_is_valid() -> None:
    """Or the refusals below would prove nothing."""
    assert status(jwt.encode(claims(UserFactory()), KEY, "HS256")) == 200


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "", "HS512", "RS256", "ES256"])
@pytest.mark.parametrize("signed", [False, True])
def test_algorithm_of_the_header_is_not_believed(algorithm: str, signed: bool) -> None:
    head = b64({"alg": algorithm, "typ": "JWT"})
    genuine = jwt.encode(claims(UserFactory()), KEY, "HS256")
    _, payload, signature = genuine.split(".")
    assert status(f"{head}.{payload}.{signature if signed else ''}") == 401


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_other_hmacs_with_the_key_are_refused(algorithm: str) -> None:
    assert status(jwt.encode(claims(UserFactory()), KEY, algorithm)) == 401


def test_token_signed_with_another_key_is_refused() -> None:
    assert status(jwt.encode(claims(UserFactory()), KEY + "x", "HS256")) == 401


def test_token_signed_with_a_public_key_as_secret_is_refused() -> None:
    """HS/RS confusion: whoever verifies HS256 with an RSA public key takes this for genuine."""
    public_key = "-----BEGIN RSA PUBLIC KEY-----\\nMIIBCgKCAQEA\\n-----END RSA PUBLIC KEY-----"
    head, payload = b64({"alg": "HS256", "typ": "JWT"}), b64(claims(UserFactory()))
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        f"{head}.{payload}".encode(), public_key.encode()
    )
    assert status(f"{head}.{payload}.{b64(signature)}") == 401


def test_payload_can_not_be_swapped() -> None:
    ada, eve = UserFactory(), UserFactory()
    head, _, signature = jwt.encode(claims(eve), KEY, "HS256").split(".")
    assert status(f"{head}.{b64(claims(ada))}.{signature}") == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iss": None},
        {"iss": "elsewhere"},
        {"jti": None},
        {"token_type": None},
        {"token_type": "refresh"},
        {"token_type": ["access"]},
        {"sub": None},
        {"sub": "admin"},
        {"sub": str(uuid4())},
    ],
)
def test_every_claim_must_be_right(changes: dict[str, Any]) -> None:
    """Even under a genuine signature, as if another part of the product had made the token."""
    assert status(jwt.encode(claims(UserFactory(), **changes), KEY, "HS256")) == 401


def test_expired_access_token_is_refused() -> None:
    user = UserFactory()
    lifetime = settings.ACCESS_TOKEN_LIFETIME
    now = timezone.now()
    almost = tokens.access_token(user.id, now=now - lifetime + timedelta(seconds=30))
    assert status(almost.value) == 200
    assert status(tokens.access_token(user.id, now=now - lifetime).value) == 401


def test_refresh_token_opens_nothing(api: APIClient) -> None:
    UserFactory(email="ada@example.com")
    issued = api.post(
        "/api/v1/auth/login",
        {"email": "ada@example.com", "password": PASSWORD, "refresh_token_in": "body"},
    ).json()
    assert status(issued["access"]) == 200
    assert status(issued["refresh"]) == 401
    assert api.post(REFRESH, {"refresh": issued["access"]}).status_code == 401
    assert LoginSession.objects.get().rotated_at is None


def test_visitor_can_not_become_a_user(api: APIClient) -> None:
    user = UserFactory()
    forged = claims(user, token_type="visitor", jti=str(user.id))
    assert status(jwt.encode(forged, KEY, "HS256")) == 403
    visitor = api.post("/api/v1/auth/visitor").json()["access"]
    assert api.post(REFRESH, {"refresh": visitor}).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [{}, {"family": "nonsense"}, {"family": str(uuid4()), "jti": "nonsense"}, {"family": 7}],
)
def test_refresh_token_without_a_session_is_refused(
    api: APIClient, changes: dict[str, Any]
) -> None:
    forged = claims(UserFactory(), token_type="refresh", **changes)
    answer = api.post(REFRESH, {"refresh": jwt.encode(forged, KEY, "HS256")})
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/session-ended"


HOSTILE = [
    "",
    ".",
    "..",
    "...",
    "a.b.c",
    "two tokens",
    f"{b64(b'[' * 5000)}.e30.",
    f"{b64(b'{' * 5000)}.e30.",
    f"{b64(b'[]')}.e30.",
    f"{b64(b'7' * 5000)}.e30.",
    f"{b64(bytes(range(128, 256)))}.e30.",
    f"{b64({'alg': ['HS256']})}.e30.",
    f"{b64({'alg': {'HS256': 1}})}.e30.",
    f"{b64({'alg': 'HS256', 'kid': 7})}.e30.",
    f"{b64({'alg': 'HS256', 'b64': False, 'crit': ['b64']})}.e30.",
    f"{b64({'alg': 'HS256', 'zip': 'DEF'})}.e30.",
    "ä€😀",
    "\x00",
]


@pytest.mark.parametrize("token", HOSTILE)
def test_nonsense_is_refused_everywhere(api: APIClient, token: str) -> None:
    as_sent = token.encode().decode("latin-1")
    answer = api.get(ME, HTTP_AUTHORIZATION=f"Bearer {as_sent}")
    assert answer.status_code == 401
    assert api.post(REFRESH, {"refresh": token}).status_code in (400, 401)
    api.cookies["refresh_token"] = as_sent
    assert api.post(REFRESH, headers={"X-Requested-With": "fetch"}).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Basic YTpi", "bearerx", "Token x"])
def test_other_schemes_are_no_token(api: APIClient, header: str) -> None:
    assert api.get(ME, HTTP_AUTHORIZATION=header).status_code == 401


def test_scheme_is_read_in_any_case(api: APIClient) -> None:
    token = tokens.access_token(UserFactory().id, now=timezone.now()).value
    assert api.get(ME, HTTP_AUTHORIZATION=f"bearer  {token}").status_code == 200
