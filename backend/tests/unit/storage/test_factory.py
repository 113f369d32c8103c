from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.core.config import Settings
from app.core.errors import InvalidSettings
from app.integrations.storage.factory import make_storage
from app.integrations.storage.local import LocalStorage
from app.integrations.storage.s3 import S3Storage


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, secret_key="x" * 32, **values)  # type: ignore[call-arg]


def test_without_a_setting_files_lie_in_the_home(tmp_path: Path) -> None:
    storage = make_storage(settings(home=tmp_path))
    assert isinstance(storage, LocalStorage)
    assert storage._root == tmp_path / "files"


def test_a_folder_with_a_space_is_found(tmp_path: Path) -> None:
    storage = make_storage(settings(storage_url=(tmp_path / "my files").as_uri()))
    assert isinstance(storage, LocalStorage)
    assert storage._root == tmp_path / "my files"


def test_a_bucket_with_prefix_endpoint_and_region() -> None:
    storage = make_storage(
        settings(
            storage_url="s3://pictures/studio/one?endpoint=http://127.0.0.1:9&region=eu-central-1",
            s3_access_key_id="id",
            s3_secret_access_key="secret",
        )
    )
    assert isinstance(storage, S3Storage)
    url = storage.signed_url("org/a.png", content_type="image/png")
    assert url.startswith("http://127.0.0.1:9/pictures/studio/one/org/a.png?")
    assert "eu-central-1" in url


def test_amazons_own_endpoint_has_the_bucket_in_its_name() -> None:
    storage = make_storage(
        settings(storage_url="s3://pictures?region=eu-west-1", s3_access_key_id="id", s3_secret_access_key="secret")
    )
    url = storage.signed_url("org/a.png", content_type="image/png")
    assert url.startswith("https://pictures.s3.")


@pytest.mark.parametrize(
    "url", ["s3://", "s3://bucket?endpoint=example.com", "s3://bucket?acl=public", "s3://bucket?region="]
)
def test_a_wrong_address_names_its_variable(url: str) -> None:
    with pytest.raises(InvalidSettings, match="EASEL_STORAGE_URL"):
        make_storage(settings(storage_url=url))


def test_half_a_key_names_the_missing_half() -> None:
    with pytest.raises(InvalidSettings, match="EASEL_S3_SECRET_ACCESS_KEY"):
        make_storage(settings(storage_url="s3://pictures", s3_access_key_id="id"))
