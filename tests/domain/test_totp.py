"""The vectors of RFC 4226 (appendix D) and RFC 6238 (appendix B, SHA-1)."""

import base64

import pytest

from domain.errors import Unauthenticated
from domain.secrets import (
    SpelledKey,
    as_recovery_code,
    digest_of,
    is_same,
    new_recovery_codes,
)
from domain.totp import STEP_S, code_at, enrolment_uri, new_totp_secret, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("step", "code"), list(enumerate(["755224", "287082", "359152", "969429", "338314", "254676"]))
)
def test_codes_are_those_of_rfc_4226(step: int, code: str) -> None:
    assert code_at(SECRET, step) == code


@pytest.mark.parametrize(
    ("at_s", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(at_s: int, code: str) -> None:
    assert code_at(SECRET, at_s // STEP_S) == code
    assert step_of(SECRET, code, at_s, after=0) == at_s // STEP_S


def test_a_code_works_once_and_a_clock_may_be_a_step_off() -> None:
    step = 1_000
    at_s = step * STEP_S + 5.0
    for near in (step - 1, step, step + 1):
        assert step_of(SECRET, code_at(SECRET, near), at_s, after=0) == near
    for far in (step - 2, step + 2):
        assert step_of(SECRET, code_at(SECRET, far), at_s, after=0) is None
    assert step_of(SECRET, code_at(SECRET, step), at_s, after=step) is None
    assert step_of(SECRET, code_at(SECRET, step - 1), at_s, after=step) is None
    assert step_of(
        SECRET, f" {code_at(SECRET, step)[:3]} {code_at(SECRET, step)[3:]}", at_s, after=0
    )


def test_secrets_are_of_160_bits_and_told_as_apps_read_them() -> None:
    secret = new_totp_secret()
    assert len(base64.b32decode(secret)) == 20
    assert enrolment_uri(secret, "a b@c.example").endswith(
        f":a%20b%40c.example?secret={secret}&issuer=MedContractHub"
    )


def test_recovery_codes_are_read_however_they_are_typed() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    for code in codes:
        assert as_recovery_code(f" {code.upper().replace('-', ' ')} ") == code


def test_an_api_key_is_read_back_and_nothing_else_is() -> None:
    key = SpelledKey.new()
    assert SpelledKey.read(str(key)) == key
    assert is_same(key.secret, digest_of(key.secret))
    assert not is_same(key.secret + "0", digest_of(key.secret))
    for told in ("mch_", "mch_a", "mch__b", "mch_a_", "mch_a_b_c", "key_a_b", ""):
        with pytest.raises(Unauthenticated):
            SpelledKey.read(told)
