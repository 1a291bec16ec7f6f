import pytest

from domain.addresses import is_public


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "52.216.10.3", "2600:1f18::1", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_the_public_internet(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),  # noqa: S104
        *("169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1"),
        *("2002:7f00:1::", "2002:a00:1::1", "", "localhost", "0x7f.1", "2130706433"),
    ],
)
def test_what_is_somebodys_own_or_no_address(address: str) -> None:
    assert not is_public(address)
