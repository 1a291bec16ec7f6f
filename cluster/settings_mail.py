"""How mail is sent."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from cluster.settings_group import Group

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class MailSettings(Group):
    """Without a host nothing is sent, and who asks for it is told so."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """`tls` from the first byte on, as at port 465. `none` is refused beyond loopback."""
    ca_file: Path | None = None
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: str = "MedContractHub <hub@localhost>"
    timeout_s: float = Field(default=10.0, gt=0)

    @model_validator(mode="after")
    def _no_secret_in_clear(self) -> Self:
        if self.host and self.tls == "none" and self.host not in _LOOPBACK:
            raise ValueError("tls `none` is for a server on this machine alone")
        return self
