"""Recognition of pages by somebody else, for companies that consented to it."""

from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from cluster.settings_group import Group

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class OcrSettings(Group):
    """Without a key nothing is sent. With one, pages of companies that consented are."""

    mistral_api_key: SecretStr = SecretStr("")
    mistral_url: str = "https://api.mistral.ai"
    mistral_model: str = Field(default="mistral-ocr-latest", min_length=1)
    timeout_s: float = Field(default=45.0, gt=0)
    """Of one try."""

    @field_validator("mistral_url")
    @classmethod
    def _no_page_in_clear(cls, url: str) -> str:
        told = urlsplit(url)
        if told.scheme != "https" and told.hostname not in _LOOPBACK:
            raise ValueError("pages are sent over https alone")
        return url.rstrip("/")

    @property
    def sends(self) -> bool:
        return bool(self.mistral_api_key.get_secret_value())

    @property
    def is_here(self) -> bool:
        """On this machine: no proxy is between."""
        return urlsplit(self.mistral_url).hostname in _LOOPBACK
