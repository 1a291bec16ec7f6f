"""What is asked of authenticators, and whether they answered it: W3C Web Authentication, level 3,
7.1 (a passkey is made) and 7.2 (it proves whose it is), checked by py_webauthn.

No attestation is asked for: which make of authenticator it is does not matter here. That the
person was verified (by a PIN, a finger, a face) does: so a passkey counts for two factors.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from pydantic import TypeAdapter
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cluster.stores.passkey_challenges import WITHIN_S
from domain.errors import Unauthenticated
from domain.passkey import LONGEST_CREDENTIAL_ID_BYTES, Passkey, RelyingParty
from domain.person import Person

Options = dict[str, Any]
"""For `navigator.credentials`, with bytes in base64url."""

NAME = "MedContractHub"
_ALGORITHMS = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
_TOLD = TypeAdapter(dict[str, Any])

# What py_webauthn raises for answers that are no such thing: not all of it is of its own tree.
_REFUSALS = (
    WebAuthnException,
    InvalidSignature,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
)

_REASONS = {
    "Client data challenge": "it answers another question than was asked; begin again",
    "Unexpected client data origin": "it was made on a page of another site",
    "Unexpected RP ID hash": "it is for another site",
    "User verification": "the device did not check that it is you; use its PIN, finger or face",
    "User was not present": "nobody touched the device",
    "User presence": "nobody touched the device",
}
"""By how py_webauthn's words begin. All else is told in general words: it is no honest device's."""


@dataclass(frozen=True, slots=True)
class Made:
    """What an authenticator made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


def ask_to_make(
    party: RelyingParty, person: Person, held: Sequence[Passkey], challenge: str
) -> Options:
    """An authenticator that has one of `held` makes no second."""
    return options_to_json_dict(
        generate_registration_options(
            rp_id=party.rp_id,
            rp_name=NAME,
            user_name=person.email,
            user_display_name=person.name,
            user_id=person.person_id.bytes,
            challenge=challenge.encode(),
            timeout=WITHIN_S * 1_000,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[_descriptor(each) for each in held],
            supported_pub_key_algs=_ALGORITHMS,
        )
    )


def ask_to_prove(party: RelyingParty, held: Sequence[Passkey], challenge: str) -> Options:
    """With one of `held`, or, if that is empty, with any that the device keeps for this hub."""
    return options_to_json_dict(
        generate_authentication_options(
            rp_id=party.rp_id,
            challenge=challenge.encode(),
            timeout=WITHIN_S * 1_000,
            allow_credentials=[_descriptor(each) for each in held],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


def made(party: RelyingParty, told: str, challenge: str) -> Made:
    """Raises `Unauthenticated`."""
    with _refusing():
        credential = parse_registration_credential_json(_TOLD.validate_json(told))
        _refuse_framed(credential.response.client_data_json)
        _refuse_attested(credential.response.attestation_object)
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge.encode(),
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=_ALGORITHMS,
        )
        decoded_public_key_to_cryptography(
            decode_credential_public_key(found.credential_public_key)
        )
    if len(found.credential_id) > LONGEST_CREDENTIAL_ID_BYTES:
        raise _refused("its id is too long")
    transports = tuple(each.value for each in credential.response.transports or ())
    return Made(found.credential_id, found.credential_public_key, found.sign_count, transports)


def shown_in(told: str) -> bytes:
    """The id of the credential that an answer claims to be of. Raises `Unauthenticated`."""
    with _refusing():
        return parse_authentication_credential_json(_TOLD.validate_json(told)).raw_id


def proved(
    party: RelyingParty, told: str, challenge: str, passkey: Passkey, *, names_person: bool
) -> int:
    """Returns what the authenticator counts: whether that went up is for the store to say, which
    looks and writes at once. `names_person`: the answer has to tell whose passkey it is, since
    nobody else did. Raises `Unauthenticated`.
    """
    with _refusing():
        credential = parse_authentication_credential_json(_TOLD.validate_json(told))
        _refuse_framed(credential.response.client_data_json)
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge.encode(),
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    handle = credential.response.user_handle
    is_told = bool(handle) or names_person
    if found.credential_id != passkey.credential_id or (
        is_told and handle != passkey.person_id.bytes
    ):
        raise _refused("it is of another account")
    return found.new_sign_count


def _refuse_framed(client_data: bytes) -> None:
    """No page of the hub is shown inside of another site's."""
    told = _TOLD.validate_json(client_data)
    if told.get("crossOrigin") or told.get("topOrigin"):
        raise _refused("it was made on a page of another site")


def _refuse_attested(attestation: bytes) -> None:
    """Browsers leave out what nobody asked for, but a signature by the passkey itself. So no
    certificates of strangers are read.
    """
    found = parse_attestation_object(attestation)
    is_its_own = found.fmt == AttestationFormat.PACKED and not found.att_stmt.x5c
    if found.fmt != AttestationFormat.NONE and not is_its_own:
        raise _refused("its maker vouches for it, which nobody asked for")


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except _REFUSALS as error:
        words = str(error)
        found = [reason for begins, reason in _REASONS.items() if words.startswith(begins)]
        raise _refused(found[0] if found else "it could not be verified") from error


def _refused(reason: str) -> Unauthenticated:
    return Unauthenticated(reason=f"this passkey was not taken: {reason}")


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    known = [AuthenticatorTransport(each) for each in passkey.transports]
    return PublicKeyCredentialDescriptor(id=passkey.credential_id, transports=known)
