"""How requests are let in: by which names, through which proxies, how large and how often."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from cluster.settings_group import Group

Network = IPv4Network | IPv6Network


class GatewaySettings(Group):
    """Lists are separated by commas. Raises `ValueError` for a network or origin that is none."""

    hosts: str = ""
    """Names that the hub answers to besides those of loopback, as in `hub.example.com`."""
    proxies: str = ""
    """Networks of the proxies whose `X-Forwarded-For` and `-Proto` are believed; nobody else's."""
    origins: str = ""
    """Other sites whose pages may use the API, as in `https://app.example.com`; with no cookie."""
    max_body_bytes: int = Field(default=64 * 1024, ge=1)
    body_within_s: float = Field(default=10.0, gt=0)
    """From one piece of a body to the next."""
    answer_within_s: float = Field(default=30.0, gt=0)
    """From a request's arrival to the beginning of its answer."""
    quota_scale: float | None = Field(default=None, gt=0)
    """Multiplies every rate limit but that of signing in. Unset: 1, more on one's own machine."""

    @field_validator("proxies")
    @classmethod
    def _are_networks(cls, told: str) -> str:
        for each in split(told):
            ip_network(each)
        return told

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, told: str) -> str:
        for each in split(told):
            parts = urlsplit(each)
            if parts.scheme not in {"https", "http"} or each != f"{parts.scheme}://{parts.netloc}":
                raise ValueError(f"{each!r} is no origin: scheme://host[:port], and nothing else")
        return told

    @property
    def trusted(self) -> tuple[Network, ...]:
        return tuple(ip_network(each) for each in split(self.proxies))


def split(told: str) -> tuple[str, ...]:
    """The parts between commas, without those that are empty."""
    return tuple(part.strip() for part in told.split(",") if part.strip())
