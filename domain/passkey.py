"""Passkeys (W3C Web Authentication, level 3): where they hold, and what the hub keeps of one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

MOST_PASSKEYS = 20
"""Of one person."""
LONGEST_NAME = 60
LONGEST_CREDENTIAL_ID_BYTES = 1_023
"""What an authenticator may make at most (7.1, 25)."""

COPIED = (
    "another device seems to have a copy of this passkey; sign in another way, and remove it from"
    " your account"
)
"""Why one is refused whose count did not go up: two devices sign with one key (7.2, 22)."""

_PORTS = {"https": 443, "http": 80}


class Ceremony(StrEnum):
    """What a challenge was made for. It serves nothing else."""

    ADD = "add"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, slots=True)
class Passkey:
    """`public_key` is a COSE key, `sign_count` what its authenticator told last; 0: it counts not.

    `passkey_id` names it here, `credential_id` to authenticators. `transports` are the browser's
    words for how they are reached.
    """

    passkey_id: UUID
    person_id: UUID
    name: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    added_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """For whom passkeys are made: a name of hosts, and the one origin whose pages may ask."""

    rp_id: str
    origin: str


def relying_party(public_url: str) -> RelyingParty | None:
    """None where browsers make no passkeys: at an address of numbers, or without TLS elsewhere than
    on the reader's own machine. The origin is spelled as browsers spell it. Raises `ValueError` for
    what is no host or no port.
    """
    parts = urlsplit(public_url)
    port, host = parts.port, (parts.hostname or "").encode("idna").decode()
    is_near = host == "localhost" or host.endswith(".localhost")
    if not host or _is_number(host) or not (parts.scheme == "https" or is_near):
        return None
    is_usual = port in (None, _PORTS[parts.scheme])
    return RelyingParty(host, f"{parts.scheme}://{host}{'' if is_usual else f':{port}'}")


def _is_number(host: str) -> bool:
    """As the URL standard tells names from addresses: by the last label."""
    return ":" in host or host.rpartition(".")[2].isdigit()
