"""Everything configurable. Each process reads its own: settings never travel through Ray."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, PostgresDsn, Secret, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from cluster.home import Home
from cluster.settings_gateway import GatewaySettings
from cluster.settings_group import Group
from cluster.settings_mail import MailSettings
from cluster.settings_ocr import OcrSettings
from cluster.settings_sources import NESTED, PREFIX, refuse_unknown, with_secrets_from_files
from cluster.settings_tokens import TokenSettings
from domain.passkey import relying_party

OWN_MACHINE_SCALE = 20.0


class Profile(StrEnum):
    EMBEDDED = "embedded"
    CLUSTER = "cluster"


class TlsSettings(Group):
    """How a store is reached over TLS. The files are PEM; a client certificate needs its key."""

    enabled: bool = False
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None


class PostgresSettings(Group):
    """`owner_dsn` is for migrations alone; without it `dsn` must belong to the owner."""

    dsn: Secret[PostgresDsn] = Secret(PostgresDsn("postgresql://mch@127.0.0.1:5432/mch"))
    owner_dsn: Secret[PostgresDsn] | None = None
    pool_size: int = Field(default=8, ge=1)
    statement_timeout_s: float = Field(default=15.0, gt=0)
    tls: TlsSettings = TlsSettings()


class RedisSettings(Group):
    host: str = "127.0.0.1"
    port: int = 6379
    username: str | None = None
    password: SecretStr = SecretStr("")
    tls: TlsSettings = TlsSettings()


class KafkaSettings(Group):
    brokers: str = "127.0.0.1:9092"
    idempotent: bool = False
    """Tansu refuses idempotent producers; Apache Kafka has them."""
    fetch_max_wait_ms: int = Field(default=250, ge=1)
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    username: str | None = None
    password: SecretStr = SecretStr("")
    tls: TlsSettings = TlsSettings()


class ClickHouseSettings(Group):
    host: str = "127.0.0.1"
    port: int = 8123
    database: str = "mch"
    username: str = "default"
    password: SecretStr = SecretStr("")
    tls: TlsSettings = TlsSettings()


class WeaviateSettings(Group):
    """Without a host, vectors live in Postgres (pgvector)."""

    host: str | None = None
    http_port: int = 8080
    grpc_port: int = 50051
    api_key: SecretStr = SecretStr("")
    tls: TlsSettings = TlsSettings()

    @model_validator(mode="after")
    def _takes_its_authority_from_the_system(self) -> Self:
        """Its client takes no files, neither for HTTP nor for gRPC."""
        if self.tls.ca_file or self.tls.cert_file:
            raise ValueError(
                "Weaviate's client takes no certificate files: name the authority by "
                "SSL_CERT_FILE and GRPC_DEFAULT_SSL_ROOTS_FILE_PATH in the environment"
            )
        return self


class S3Settings(Group):
    endpoint: str = "http://127.0.0.1:8333"
    bucket: str = "mch"
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: SecretStr = SecretStr("")
    ca_file: Path | None = None


class SamGovSettings(Group):
    """`base_url` empty: SAM.gov itself where there is a key, else the hub's own sandbox."""

    api_key: SecretStr = SecretStr("")
    base_url: str = ""
    poll_interval_s: float = Field(default=900.0, gt=0)
    requests_per_day: int = Field(default=1_000, ge=1)
    first_days: int = Field(default=60, ge=1, le=364)
    """How far back the first sync looks."""
    sandbox_poll_interval_s: float = Field(default=5.0, gt=0)
    sandbox_notices: int = Field(default=3_000, ge=0)
    sandbox_new_every_s: float = Field(default=20.0, gt=0)


class RaySettings(Group):
    """`address` is the head's; the dashboard also takes deployments and jobs.

    `token` is what a Ray with `RAY_AUTH_MODE=token` asks for.
    """

    address: str = ""
    dashboard: str = ""
    token: SecretStr = SecretStr("")
    num_cpus: int | None = None


class EmbedderSettings(Group):
    model: str = "all-MiniLM-L6-v2"
    batch_size: int = Field(default=0, ge=0)
    """0: what suits the device."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    threads: int = Field(default=0, ge=0)
    """0: what torch chooses."""
    url: str = ""
    """Of the application `ai`; empty: under `/ai` at the hub's own port."""


class AuthSettings(Group):
    """`local`: who sends no credential is the local principal, on loopback alone; unset: in the
    embedded profile. `public_url` is what links in mails begin with, and what passkeys are
    made for; empty: the hub's own port.
    """

    local: bool | None = None
    public_url: str = Field(default="", pattern=r"^(https?://[^/\s]+)?$")
    operators: str = Field(default="", pattern=r"^([0-9a-f-]{36}/[^,\s]+(\s*,\s*|$))*$")
    """Who may operate the hub besides those at its machine, parted by commas: `TENANT/PERSON` with
    the person's id, or `TENANT/service:NAME`. No role in a company gives that.
    """
    inside_provider: str = Field(default="", pattern=r"^(https?://[^/\s?#@]+)?$")
    """The one origin of companies' providers that need not be on the public internet behind https,
    as in `http://127.0.0.1:9000`: for development, or an own provider.
    """
    sealing_keys: SecretStr = SecretStr("")
    """Seal secrets of second factors and providers: random words of 32 letters or more, parted by
    commas; the first one seals, all open. The embedded profile makes one; a cluster does not start
    without.
    """

    @field_validator("public_url")
    @classmethod
    def _check_address(cls, told: str) -> str:
        """Of a number, or of a name; passkeys need not hold there."""
        relying_party(told)
        return told


class ReadingSettings(Group):
    """What reading documents may take; each file is read in a process of its own."""

    processes: int = Field(default=0, ge=0)
    """At once; 0: as many as there are processors."""
    memory_mb: int = Field(default=2048, ge=256)
    open_timeout_s: float = Field(default=60.0, gt=0)
    page_timeout_s: float = Field(default=60.0, gt=0)
    second_engine: bool = True
    """Doubtful pages are read again by RapidOCR: about 450 MB in a process of its own meanwhile."""


class Settings(BaseSettings):
    """`MCH_POSTGRES__POOL_SIZE=16` sets `settings.postgres.pool_size`. Raises `ValueError`, which
    names the variable (`cluster.settings_sources.explain` makes one line of it).

    Environment first, then secrets from `MCH_…_FILE`, then what the embedded servers of
    `MCH_HOME` wrote about themselves (addresses and generated credentials), then defaults.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    profile: Profile = Profile.EMBEDDED
    home: Path = Field(default_factory=lambda: Home.default().root)
    port: int = Field(default=0, ge=0, le=65535)
    """Of the hub's HTTP address; 0: 8000 where it is free, else any."""
    failpoints: str = ""

    postgres: PostgresSettings = PostgresSettings()
    redis: RedisSettings = RedisSettings()
    kafka: KafkaSettings = KafkaSettings()
    clickhouse: ClickHouseSettings = ClickHouseSettings()
    weaviate: WeaviateSettings = WeaviateSettings()
    s3: S3Settings = S3Settings()
    sam_gov: SamGovSettings = SamGovSettings()
    ray: RaySettings = RaySettings()
    embedder: EmbedderSettings = EmbedderSettings()
    gateway: GatewaySettings = GatewaySettings()
    mail: MailSettings = MailSettings()
    tokens: TokenSettings = TokenSettings()
    auth: AuthSettings = AuthSettings()
    reading: ReadingSettings = ReadingSettings()
    ocr: OcrSettings = OcrSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (
            init_settings,
            Environment(settings_cls, env_settings),
            EmbeddedServers(settings_cls),
        )

    @model_validator(mode="after")
    def _failpoints_are_for_tests(self) -> Self:
        if self.failpoints and self.profile == Profile.CLUSTER:
            raise ValueError("MCH_FAILPOINTS is refused in the cluster profile")
        return self

    @model_validator(mode="after")
    def _a_cluster_lets_nobody_in_unknown(self) -> Self:
        if self.auth.local and self.profile == Profile.CLUSTER:
            raise ValueError("MCH_AUTH__LOCAL is refused in the cluster profile")
        return self

    @property
    def lets_local_in(self) -> bool:
        """Whether one may use the hub on its own machine without signing in."""
        return self.profile == Profile.EMBEDDED and self.auth.local is not False

    @property
    def gateway_here(self) -> GatewaySettings:
        """On one's own machine, whose pages and programs are one asker, quotas leave more room."""
        scale = self.gateway.quota_scale or (OWN_MACHINE_SCALE if self.lets_local_in else 1.0)
        return self.gateway.model_copy(update={"quota_scale": scale})

    @property
    def public_url(self) -> str:
        """Where people reach the hub, without a slash at its end."""
        return self.auth.public_url or f"http://127.0.0.1:{self.port or 8000}"


class Environment(PydanticBaseSettingsSource):
    """`MCH_…` variables and the files that `MCH_…_FILE` name; none that sets nothing."""

    def __init__(
        self, settings_cls: type[BaseSettings], variables: PydanticBaseSettingsSource
    ) -> None:
        super().__init__(settings_cls)
        self._variables = variables

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return self().get(field_name), field_name, True

    def __call__(self) -> dict[str, Any]:
        refuse_unknown(self.settings_cls, os.environ)
        return with_secrets_from_files(self._variables(), self.settings_cls, os.environ)


class EmbeddedServers(PydanticBaseSettingsSource):
    """What the supervisor wrote into `MCH_HOME/run/servers.json` (mode 0600), if anything."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        return self().get(field_name), field_name, True

    def __call__(self) -> dict[str, Any]:
        if self.current_state.get("profile", Profile.EMBEDDED) != Profile.EMBEDDED:
            return {}
        root = self.current_state.get("home")
        return (Home(Path(root)) if root else Home.default()).servers()
