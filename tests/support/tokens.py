"""Real RS256 tokens for tests: an issuer with its own keys, as Bot Framework and emulators have them."""

import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

APP_ID = "app-1"


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """One private key per name and process: making one takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(kid: str, *, endorsements: list[str] | None = None) -> dict[str, Any]:
    """The public half as a key set lists it."""
    entry = {**jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key(kid).public_key(), as_dict=True), "kid": kid}
    return entry if endorsements is None else {**entry, "endorsements": endorsements}


def token(
    issuer: str, service_url: str | None, *, kid: str | None = "k1", signed_by: str | None = None, **claims: Any
) -> str:
    """A token as the channel sends it; a claim given as None is left out, `kid` None leaves out the header."""
    now = int(time.time())
    body = {
        "iss": issuer,
        "aud": APP_ID,
        "nbf": now - 60,
        "exp": now + 3600,
        "serviceurl": service_url,
        **claims,
    }
    return jwt.encode(
        {name: value for name, value in body.items() if value is not None},
        rsa_key(signed_by or kid or "k1"),
        algorithm="RS256",
        headers={"kid": kid} if kid else {},
    )


def bearer(token_text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_text}"}
