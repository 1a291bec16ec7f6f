"""Whose bearer tokens are believed, and with what ours are signed."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import SecretStr, model_validator

from cluster.settings_group import Group

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SHORTEST_SECRET_BYTES = 32
"""RFC 7518, 3.2: a key for HS256 has at least the size of its hash."""


class TokenSettings(Group):
    """Supabase Auth is believed where `supabase_url` names a project, by its published keys or,
    in projects that still sign with it, by the shared secret.
    """

    issuer: str = "medcontracthub"
    audience: str = "medcontracthub"
    signing_keys: SecretStr = SecretStr("")
    """A JWK Set with private Ed25519 keys, the one to sign with first; others still verify."""
    supabase_url: str = ""
    """As in `https://abc.supabase.co`."""
    supabase_secret: SecretStr = SecretStr("")
    supabase_audience: str = "authenticated"

    @model_validator(mode="after")
    def _supabase_is_safe(self) -> Self:
        url, secret = urlsplit(self.supabase_url), self.supabase_secret.get_secret_value()
        if self.supabase_url and url.scheme != "https" and url.hostname not in _LOOPBACK:
            raise ValueError("supabase_url must begin with https://")
        if secret and not self.supabase_url:
            raise ValueError("supabase_secret needs supabase_url, which tokens name as issuer")
        if secret and len(secret.encode()) < SHORTEST_SECRET_BYTES:
            raise ValueError(f"supabase_secret has less than {SHORTEST_SECRET_BYTES} bytes")
        return self

    @property
    def supabase_issuer(self) -> str:
        return f"{self.supabase_url.rstrip('/')}/auth/v1"
