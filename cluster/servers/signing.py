"""The keys with which a home's hub signs tokens: made when first asked for, then kept."""

import json
from typing import Any

from joserfc.jwk import OKPKey

from cluster.home import Home
from cluster.servers.credentials import write_private

_FILE = "signing_keys.json"


def own_signing_keys(home: Home) -> dict[str, Any]:
    """A JWK Set with private Ed25519 keys, the same ever after. The first one signs."""
    file = home.root / _FILE
    if not file.exists():
        write_private(file, {"keys": [_new_key()]})
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def rotate_signing_keys(home: Home, *, kept: int = 2) -> str:
    """A new first key; those before it still verify, up to `kept` in all. Returns its id."""
    known = own_signing_keys(home)["keys"]
    fresh = _new_key()
    write_private(home.root / _FILE, {"keys": [fresh, *known][:kept]})
    return str(fresh["kid"])


def _new_key() -> dict[str, Any]:
    key = OKPKey.generate_key("Ed25519", {"use": "sig"}, private=True)
    return {**key.as_dict(private=True), "kid": key.thumbprint()}
