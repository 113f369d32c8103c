"""Settings: the only module that reads the environment.

Every setting is typed and refused when it is wrong. `load_settings` collects all problems and raises them at once as
`InvalidSettings`, so that a person mends them in one go.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.enums import Environment, Registration
from app.core.errors import InvalidSettings, SettingProblem
from app.core.limit_settings import LimitSettings
from app.core.mail_settings import MailSettings
from app.core.oidc_settings import OidcSettings

REPOSITORY_ROOT = Path(__file__).resolve().parents[3]
MINIMUM_SECRET_BYTES = 32
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


class Settings(LimitSettings, MailSettings, OidcSettings, BaseSettings):
    """One process's settings. Field `x` is read from the variable `EASEL_X` or from `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="EASEL_", env_file=".env", extra="ignore", frozen=True, validate_default=False, env_ignore_empty=True
    )

    env: Environment = Environment.LOCAL
    home: Path = Field(default=REPOSITORY_ROOT / ".easel", description="Data of the embedded parts.")
    public_url: str = Field(default="http://127.0.0.1:3000", description="The origin that browsers see.")
    secret_key: SecretStr | None = Field(default=None, description="At least 32 bytes; signs tokens and file URLs.")

    database_url: str = Field(default="", description="postgresql://user:password@host:port/name")
    database_owner_url: str = Field(default="", description="For migrations; the same as database_url when empty.")
    database_pool_size: int = Field(
        default=16,
        ge=2,
        le=200,
        description="A process's connections, at most: half for short work, half for the rest. Two more claim.",
    )
    redis_url: str = Field(default="", description="redis://… for events, caches and wake-ups.")
    broker_url: str = Field(default="", description="redis://… or amqp://… for Celery; redis_url when empty.")
    storage_url: str = Field(
        default="", description="file:///… or s3://bucket?endpoint=…&region=…; home/files when empty."
    )
    s3_access_key_id: SecretStr | None = None
    s3_secret_access_key: SecretStr | None = None

    model: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Diffusers directories, hub ids or addresses of remote models, by comma; the first is the default.",
    )
    remote_keys: SecretStr | None = Field(
        default=None, description="API keys of remote models' servers, HOST=KEY by comma; only workers need them."
    )
    device: str = Field(default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    torch_threads: int = Field(default=0, ge=0, description="On a processor; 0: as many as the libraries choose.")
    cpu_runtime: Literal["auto", "torch"] = Field(
        default="auto", description="On a processor: auto compiles what OpenVINO takes, torch runs all as it is."
    )
    batch_images: int = Field(
        default=8, ge=1, le=100, description="At most so many images, of any users, share a forward pass."
    )
    model_memory: float = Field(
        default=0.0, ge=0, description="GB that loaded models may take together; 0: half of the device's."
    )

    registration: Registration = Registration.INVITE
    access_token_seconds: int = Field(default=600, ge=30, le=3600)
    signing_key_days: int = Field(default=7, ge=1, le=90, description="A new key signs access tokens after so long.")
    refresh_token_days: int = Field(default=30, ge=1, le=365)
    session_idle_days: float = Field(default=14.0, gt=0, le=365, description="A session unused for so long has ended.")
    signed_url_seconds: int = Field(default=3600, ge=60, le=7 * 86400)

    outbound_allowed: Annotated[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...], NoDecode] = Field(
        default=(),
        description="Networks, by comma, that URLs set by users may lead to though they are not public: 10.0.7.0/24.",
    )
    outbound_ports: Annotated[tuple[int, ...], NoDecode] = Field(
        default=(80, 443), description="Ports, by comma, that URLs set by users may name."
    )

    quota_monthly: float | None = Field(
        default=None, gt=0, description="Megapixel-steps an organisation may use a month."
    )
    max_prompt_chars: int = Field(default=2000, ge=1, le=20000)
    max_queued_per_user: int = Field(default=1000, ge=1)

    lease_seconds: float = Field(default=30.0, gt=0, le=3600)
    heartbeat_seconds: float = Field(default=1.0, gt=0)
    sweep_seconds: float = Field(default=1.0, gt=0)
    job_deadline_seconds: float = Field(
        default=86400.0, gt=0, description="A job that is not done this long after it was accepted fails."
    )
    wait_seconds: int = Field(
        default=600,
        ge=1,
        le=86400,
        description="A job whose asker holds the line (/v1/images/generations) has so long.",
    )
    max_attempts: int = Field(default=3, ge=1, le=20)
    drain_seconds: float = Field(
        default=10.0, gt=0, description="Asked to stop, a worker finishes its job within this time or hands it back."
    )
    storage_patience_seconds: float = Field(
        default=60.0, ge=0, description="How long a worker keeps trying to store a picture that is made."
    )
    orphan_grace_seconds: float = Field(
        default=86400.0, gt=0, description="A file that no image names is removed when it is older than this."
    )
    orphan_sweep_seconds: float = Field(default=3600.0, gt=0)
    deletion_grace_hours: float = Field(
        default=72.0,
        ge=0,
        le=8760,
        description="So long may a person take back the deletion of an organisation or account.",
    )
    export_keep_seconds: float = Field(
        default=86400.0, ge=60, description="So long a finished zip archive can be fetched."
    )
    undo_delete_seconds: float = Field(
        default=7 * 86400.0, ge=0, description="So long a deleted image can be restored; then its files are removed."
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    worker_metrics_port: int = Field(default=0, ge=0, le=65535, description="Worker metrics on loopback; 0: none.")
    metrics_token: SecretStr | None = Field(
        default=None, description="When set, /metrics wants it as bearer; else it answers this machine alone."
    )

    @field_validator("model", "outbound_allowed", "outbound_ports", mode="before")
    @classmethod
    def _split_by_comma(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("remote_keys")
    @classmethod
    def _keys_by_host(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not all(host and key for host, key in _key_pairs(value).items()):
            raise ValueError("must be HOST=KEY, several by comma, such as api.example.com=sk-…")
        return value

    @field_validator("home", mode="after")
    @classmethod
    def _absolute_home(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("public_url")
    @classmethod
    def _origin_only(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"} or parts.query:
            raise ValueError("must be an origin such as https://easel.example.com, without a path")
        if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError(
                "plain http is for loopback only, where nobody can listen; put TLS in front and say https://…"
            )
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _postgresql_only(cls, value: str) -> str:
        if value and not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("must begin with postgresql://")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis_only(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis:// or rediss:// (an amqp:// broker goes into EASEL_BROKER_URL)")
        return value

    @field_validator("storage_url")
    @classmethod
    def _known_storage(cls, value: str) -> str:
        if value and not value.startswith(("s3://", "file:///")):
            raise ValueError("must begin with s3:// or file:///")
        return value

    @model_validator(mode="after")
    def _secret_long_enough(self) -> Settings:
        if self.secret_key is not None and len(self.secret_key.get_secret_value().encode()) < MINIMUM_SECRET_BYTES:
            raise ValueError(
                "EASEL_SECRET_KEY is shorter than 32 bytes; make one with: "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        return self

    @property
    def is_production(self) -> bool:
        return self.env is Environment.PRODUCTION

    @property
    def secure_cookies(self) -> bool:
        """Plain HTTP cookies exist on loopback only."""
        return self.public_url.startswith("https://")

    @property
    def allowed_origins(self) -> frozenset[str]:
        """Where pages that may act here come from. On loopback both of its common names are one place."""
        origins = {self.public_url}
        parts = urlsplit(self.public_url)
        if parts.hostname in LOOPBACK_NAMES and parts.port is not None:
            origins |= {f"{parts.scheme}://{name}:{parts.port}" for name in LOOPBACK_NAMES}
        return frozenset(origins)

    @property
    def effective_storage_url(self) -> str:
        return self.storage_url or (self.home / "files").as_uri()

    @property
    def effective_broker_url(self) -> str:
        return self.broker_url or self.redis_url

    @property
    def effective_database_owner_url(self) -> str:
        return self.database_owner_url or self.database_url

    def find_remote_key(self, host: str) -> str | None:
        return _key_pairs(self.remote_keys).get(host)

    def require_secret(self) -> bytes:
        """The signing secret, in bytes. `load_settings` made sure that there is one."""
        assert self.secret_key is not None, "load_settings() fills the secret"
        return self.secret_key.get_secret_value().encode()


def load_settings(**overrides: Any) -> Settings:
    """Read and check the settings; raise `InvalidSettings` with every problem found.

    Outside production a missing secret is made once and kept in `home/secret.key` (mode 600).
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise InvalidSettings([_problem(detail) for detail in error.errors()]) from error
    problems = _production_problems(settings) if settings.is_production else []
    problems += _missing_parts(settings)
    if problems:
        raise InvalidSettings(problems)
    if settings.secret_key is None:
        settings = settings.model_copy(update={"secret_key": SecretStr(_local_secret(settings.home))})
    return settings


def _problem(detail: Any) -> SettingProblem:
    setting, *inside = detail["loc"] or ("settings",)
    name = f"EASEL_{setting}".upper() if detail["loc"] else str(setting)
    where = ".".join(str(part) for part in inside)
    sentence = str(detail["msg"]).removeprefix("Value error, ")
    return SettingProblem(name, f"{where}: {sentence}" if where else sentence)


def _production_problems(settings: Settings) -> list[SettingProblem]:
    problems = []
    if settings.secret_key is None:
        problems.append(
            SettingProblem(
                "EASEL_SECRET_KEY",
                "production has no default secret; make one with: "
                "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'",
            )
        )
    if not settings.public_url.startswith("https://"):
        problems.append(
            SettingProblem("EASEL_PUBLIC_URL", "production needs an https:// origin, or cookies travel in the clear")
        )
    return problems


def _missing_parts(settings: Settings) -> list[SettingProblem]:
    missing = []
    if not settings.database_url:
        missing.append(
            SettingProblem("EASEL_DATABASE_URL", "is not set; ./easel up starts an embedded PostgreSQL and sets it")
        )
    if not settings.redis_url:
        missing.append(SettingProblem("EASEL_REDIS_URL", "is not set; ./easel up starts an embedded Redis and sets it"))
    return missing


def _key_pairs(value: SecretStr | None) -> dict[str, str]:
    pairs = (pair.strip().partition("=") for pair in (value.get_secret_value() if value else "").split(","))
    return {host.strip(): key.strip() for host, _, key in pairs if host or key}


def _local_secret(home: Path) -> str:
    path = home / "secret.key"
    home.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    secret = secrets.token_urlsafe(48)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    return secret
