import pytest

from domain.passkey import RelyingParty, relying_party


@pytest.mark.parametrize(
    ("public_url", "rp_id", "origin"),
    [
        ("https://hub.example", "hub.example", "https://hub.example"),
        ("https://Hub.Example:443", "hub.example", "https://hub.example"),
        ("https://hub.example:8443", "hub.example", "https://hub.example:8443"),
        ("https://bücher.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://localhost:80", "localhost", "http://localhost"),
        ("http://hub.localhost:8000", "hub.localhost", "http://hub.localhost:8000"),
    ],
)
def test_passkeys_are_made_for_the_name_of_the_hub(
    public_url: str, rp_id: str, origin: str
) -> None:
    assert relying_party(public_url) == RelyingParty(rp_id, origin)


@pytest.mark.parametrize(
    "public_url",
    [
        "http://127.0.0.1:8000",
        "https://10.0.0.7",
        "https://[::1]:8443",
        "http://hub.example",
        "http://localhost.example",
    ],
)
def test_without_a_name_or_without_tls_browsers_make_none(public_url: str) -> None:
    assert relying_party(public_url) is None
