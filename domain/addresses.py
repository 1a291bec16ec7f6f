"""Which network addresses are the public internet's, and nobody's own."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address.
_V4_COMPATIBLE = IPv6Network("::/96")


def is_public(address: str) -> bool:
    """Also of the IPv4 address that an IPv6 one carries: mapped, 6to4, Teredo or NAT64.

    False for what is no address at all.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(one.is_global and not one.is_multicast for one in (found, *_carried(found)))


def _carried(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    told = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or address in _V4_COMPATIBLE:
        told.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in told if one is not None]
