"""One-time codes of the second factor: RFC 6238 (TOTP) on RFC 4226 (HOTP), SHA-1, 6 digits, 30 s.

These are the parameters that every authenticator app knows.
"""

import base64
import hmac
import secrets
import struct
from urllib.parse import quote

STEP_S = 30
DIGITS = 6
DRIFT = 1
"""Steps that a clock may be off, either way (RFC 6238, 5.2)."""


def new_totp_secret() -> str:
    """160 bits in base 32, as RFC 4226 wants at least 128."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """RFC 4226, 5.3: the dynamic truncation of the HMAC of the step."""
    mac = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    offset = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_of(secret: str, code: str, at_s: float, *, after: int) -> int | None:
    """The step that the code stands for, if any later than `after` does: a code works once."""
    told = "".join(code.split())
    now = int(at_s // STEP_S)
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), told.encode()) and step > after:
            found = step
    return found


def enrolment_uri(secret: str, email: str) -> str:
    """As authenticator apps read it from a QR code (the Key URI Format)."""
    issuer = "MedContractHub"
    return f"otpauth://totp/{issuer}:{quote(email)}?secret={secret}&issuer={issuer}"
