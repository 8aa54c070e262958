"""Signing keys: every service signs with its own Ed25519 key and knows everyone's public ones, from one folder.

`<service>.pem` is that service's private key (mode 0600); `<service>.<n>.pub` are its public keys, so that an old and
a new one can both be good while keys are changed. The file name of the public key is the `kid`. One algorithm: EdDSA.
"""

import base64
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from common.errors import Unauthenticated
from common.files import write_whole

ALGORITHM = "EdDSA"
LEEWAY = timedelta(seconds=5)


@dataclass
class Keys:
    """What one service signs with, and what it believes others by."""

    own: str
    private: Ed25519PrivateKey
    kid: str
    public: dict[str, Ed25519PublicKey] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path, service: str) -> "Keys":
        """Read the folder. Raises FileNotFoundError when this service's private key is missing."""
        loaded = serialization.load_pem_private_key((folder / f"{service}.pem").read_bytes(), password=None)
        if not isinstance(loaded, Ed25519PrivateKey):
            raise TypeError(f"{service}.pem is not an Ed25519 key")
        public: dict[str, Ed25519PublicKey] = {}
        for path in sorted(folder.glob("*.pub")):
            key = serialization.load_pem_public_key(path.read_bytes())
            if isinstance(key, Ed25519PublicKey):
                public[path.stem] = key
        mine = _raw(loaded.public_key())
        kid = next((k for k, key in public.items() if k.split(".")[0] == service and _raw(key) == mine), f"{service}.1")
        return cls(service, loaded, kid, public)

    def sign(self, claims: dict[str, Any], *, audience: str, now: datetime, lifetime: timedelta) -> str:
        """A signed token from this service, good for `audience` during `lifetime` from `now`."""
        body = {
            "iss": self.own,
            "aud": audience,
            "iat": now,
            "nbf": now,
            "exp": now + lifetime,
            "jti": str(uuid.uuid4()),
        }
        return jwt.encode({**body, **claims}, self.private, algorithm=ALGORITHM, headers={"kid": self.kid})

    def read(self, token: str, *, audience: str, now: datetime, issuer: str | None = None) -> dict[str, Any]:
        """The claims of a token. Raises Unauthenticated unless kid, issuer, signature, audience and times are right."""
        try:
            kid = jwt.get_unverified_header(token).get("kid", "")
            key = self.public.get(kid)
            if key is None or (issuer and kid.split(".")[0] != issuer):
                raise Unauthenticated
            options = {
                "require": ["exp", "iat", "nbf", "aud", "iss"],
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            }
            claims: dict[str, Any] = jwt.decode(token, key, algorithms=[ALGORITHM], audience=audience, options=options)  # type: ignore[arg-type]
            moment = now.timestamp()
            if claims["iss"] != kid.split(".")[0] or not all(
                isinstance(claims[k], int | float) for k in ("exp", "nbf")
            ):
                raise Unauthenticated
        except jwt.PyJWTError as wrong:
            raise Unauthenticated from wrong
        if not claims["nbf"] - LEEWAY.total_seconds() <= moment < claims["exp"]:
            raise Unauthenticated
        return claims

    def stamp(self, body: bytes) -> dict[str, str]:
        """A detached signature over `body`, as headers of a message."""
        return {"kid": self.kid, "signature": base64.b64encode(self.private.sign(body)).decode()}

    def is_from(self, source: str, body: bytes, headers: dict[str, Any]) -> bool:
        """Whether `body` was signed by a key of `source`."""
        kid = str(headers.get("kid", ""))
        key = self.public.get(kid)
        if key is None or kid.split(".")[0] != source:
            return False
        try:
            key.verify(base64.b64decode(str(headers.get("signature", ""))), body)
        except (InvalidSignature, ValueError):
            return False
        return True


def make(folder: Path, services: list[str]) -> None:
    """Make the keys that are missing: a pair for each service, a secret for form tokens, and the key push services know us by."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for service in services:
        if not (folder / f"{service}.pem").exists():
            private = Ed25519PrivateKey.generate()
            pem = private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            public = private.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            write_whole(folder / f"{service}.1.pub", public)
            write_whole(folder / f"{service}.pem", pem, mode=0o600)  # last: where it stands, the pair is complete
    if not (folder / "secret").exists():
        write_whole(folder / "secret", secrets.token_hex(32), mode=0o600)
    if not (folder / "vapid.pem").exists():
        pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_whole(folder / "vapid.pem", pem, mode=0o600)


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
