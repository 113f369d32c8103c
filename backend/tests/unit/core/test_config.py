"""Settings: what is refused, in which words, and that all of it is said at once."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from app.core.config import Settings, load_settings
from app.core.errors import InvalidSettings

SERVERS = {"database_url": "postgresql://easel@127.0.0.1/easel", "redis_url": "redis://127.0.0.1/0"}
SECRET = "a secret for tests that is long enough"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"EASEL_{name.upper()}", raising=False)


def load(tmp_path: Path, **changes: Any) -> Settings:
    return load_settings(_env_file=None, home=tmp_path / "home", **{**SERVERS, **changes})


def problems(tmp_path: Path, **changes: Any) -> dict[str, str]:
    with pytest.raises(InvalidSettings) as failure:
        load(tmp_path, **changes)
    return {problem.name: problem.detail for problem in failure.value.problems}


def test_a_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first, second = load(tmp_path), load(tmp_path)
    assert first.require_secret() == second.require_secret()
    assert len(first.require_secret()) >= 32
    assert stat.S_IMODE((tmp_path / "home" / "secret.key").stat().st_mode) == 0o600


def test_production_has_no_default_secret_and_wants_https(tmp_path: Path) -> None:
    found = problems(tmp_path, env="production")
    assert found.keys() == {"EASEL_SECRET_KEY", "EASEL_PUBLIC_URL"}
    assert "secrets.token_urlsafe" in found["EASEL_SECRET_KEY"]
    assert not (tmp_path / "home" / "secret.key").exists()


def test_production_starts_with_both(tmp_path: Path) -> None:
    settings = load(tmp_path, env="production", secret_key=SECRET, public_url="https://easel.example.com/")
    assert settings.public_url == "https://easel.example.com"
    assert settings.secure_cookies
    assert settings.allowed_origins == {"https://easel.example.com"}


def test_every_wrong_setting_is_said_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        database_url="mysql://somewhere",
        redis_url="amqp://somewhere",
        storage_url="ftp://somewhere",
        device="abacus",
        lease_seconds=-1,
    )
    assert found.keys() == {
        "EASEL_DATABASE_URL",
        "EASEL_REDIS_URL",
        "EASEL_STORAGE_URL",
        "EASEL_DEVICE",
        "EASEL_LEASE_SECONDS",
    }
    assert "EASEL_BROKER_URL" in found["EASEL_REDIS_URL"]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://easel.example.com", "plain http is for loopback only"),
        ("https://easel.example.com/studio", "without a path"),
        ("easel.example.com", "must be an origin"),
    ],
)
def test_an_address_that_browsers_could_not_use_safely_is_refused(tmp_path: Path, url: str, words: str) -> None:
    assert words in problems(tmp_path, public_url=url)["EASEL_PUBLIC_URL"]


def test_a_short_secret_is_refused_and_not_repeated(tmp_path: Path) -> None:
    found = problems(tmp_path, secret_key="short but secret")
    assert "shorter than 32 bytes" in " ".join(found.values())
    assert "short but secret" not in " ".join(found.values())


def test_missing_servers_are_named_with_what_brings_them(tmp_path: Path) -> None:
    found = problems(tmp_path, database_url="", redis_url="")
    assert found.keys() == {"EASEL_DATABASE_URL", "EASEL_REDIS_URL"}
    assert all("./easel up" in detail for detail in found.values())


def test_models_come_by_comma(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EASEL_MODEL", " /models/one , owner/two ,")
    assert load(tmp_path).model == ("/models/one", "owner/two")


def test_on_loopback_both_common_names_are_one_place(tmp_path: Path) -> None:
    origins = load(tmp_path, public_url="http://127.0.0.1:3000").allowed_origins
    assert {"http://127.0.0.1:3000", "http://localhost:3000"} <= origins
    assert "http://localhost:3001" not in origins


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"smtp_host": "mail.example.com"}, "EASEL_MAIL_FROM"),
        ({"smtp_host": "mail.example.com", "mail_from": "e@example.com", "smtp_security": "none"}, "in the clear"),
        ({"smtp_host": "mail.example.com", "mail_from": "e@example.com", "smtp_user": "easel"}, "go together"),
        ({"smtp_host": "mail.example.com", "mail_from": "e@example.com", "smtp_ca_file": "/no/such"}, "no file"),
        ({"mail_from": "nobody"}, "must be an address"),
        ({"mail_from": "a@example.com\nBcc: b@example.com"}, "must be an address"),
    ],
)
def test_mail_is_never_half_set_up(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    assert any(sentence in detail for detail in problems(tmp_path, **changes).values())


def test_the_port_of_the_mail_server_follows_from_its_encryption(tmp_path: Path) -> None:
    server = {"smtp_host": "127.0.0.1", "mail_from": "Easel <e@example.com>"}
    for security, port in (("starttls", 587), ("tls", 465), ("none", 25)):
        assert load(tmp_path, **server, smtp_security=security).effective_smtp_port == port
