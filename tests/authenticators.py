"""An authenticator in software (ES256, attestation "none"), which can be made to lie."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, SYNCED, ATTESTED = 0x01, 0x04, 0x18, 0x40
Told = dict[str, Any]


def spelled(held: bytes) -> str:
    return urlsafe_b64encode(held).rstrip(b"=").decode()


def read(told: str) -> bytes:
    return urlsafe_b64decode(f"{told}===")


@dataclass
class Device:
    """Keeps one passkey. `lies` are what it tells in place of the truth, by the names of
    `_client_data`, `_authenticator_data` and of the answer's own fields.
    """

    lies: Told = field(default_factory=dict)
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    handle: bytes = b""

    def make(self, asked: Told) -> str:
        """What `navigator.credentials.create` gives, as our script tells it."""
        assert asked["authenticatorSelection"]["userVerification"] == "required"
        assert asked["authenticatorSelection"]["residentKey"] == "required"
        assert self.lies.get("forced") or spelled(self.credential_id) not in {
            each["id"] for each in asked["excludeCredentials"]
        }
        self.handle = read(asked["user"]["id"])
        attested = (
            bytes(16)
            + len(self.credential_id).to_bytes(2, "big")
            + self.credential_id
            + self.lies.get("cose", self._cose())
        )
        flags = PRESENT | VERIFIED | SYNCED | ATTESTED
        statement = self.lies.get("statement", {})
        attestation = {
            "fmt": self.lies.get("fmt", "none"),
            "attStmt": statement,
            "authData": self._authenticator_data(asked["rp"]["id"], flags) + attested,
        }
        return self._answer(
            clientDataJSON=spelled(self._client_data("webauthn.create", asked)),
            attestationObject=spelled(encode_cbor(attestation)),
            transports=["internal", "a-kind-yet-unknown"],
        )

    def prove(self, asked: Told) -> str:
        """What `navigator.credentials.get` gives."""
        assert asked["userVerification"] == "required"
        self.count += 1
        client_data = self._client_data("webauthn.get", asked)
        told = self._authenticator_data(asked["rpId"], PRESENT | VERIFIED | SYNCED)
        key: ec.EllipticCurvePrivateKey = self.lies.get("key", self.key)
        signature = key.sign(told + sha256(client_data).digest(), ec.ECDSA(SHA256()))
        handle = self.lies.get("handle", self.handle)
        return self._answer(
            clientDataJSON=spelled(client_data),
            authenticatorData=spelled(told),
            signature=spelled(signature),
            userHandle=None if handle is None else spelled(handle),
        )

    def _answer(self, **response: Any) -> str:
        told = spelled(self.lies.get("credential_id", self.credential_id))
        answer = {"id": told, "rawId": told, "type": "public-key", "response": response}
        return json.dumps(answer)

    def _client_data(self, kind: str, asked: Told) -> bytes:
        told = {
            "type": self.lies.get("type", kind),
            "challenge": self.lies.get("challenge", asked["challenge"]),
            "origin": self.lies.get("origin", ORIGIN),
            "crossOrigin": self.lies.get("framed", False),
        }
        return json.dumps(told).encode()

    def _authenticator_data(self, rp_id: str, flags: int) -> bytes:
        told: str = self.lies.get("rp_id", rp_id)
        flags = flags & ~int(self.lies.get("without", 0))
        count = int(self.lies.get("count", self.count))
        return sha256(told.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _cose(self) -> bytes:
        """RFC 9052, 7: a key of two coordinates on P-256, for ES256."""
        at = self.key.public_key().public_numbers()
        return encode_cbor(
            {1: 2, 3: -7, -1: 1, -2: at.x.to_bytes(32, "big"), -3: at.y.to_bytes(32, "big")}
        )
