"""Which storage the settings ask for."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from urllib.request import url2pathname

from app.core.config import Settings
from app.core.errors import InvalidSettings, SettingProblem
from app.integrations.side_process import Aside
from app.integrations.storage.local import LocalStorage
from app.integrations.storage.protocol import Storage

S3_PARAMETERS = {"endpoint", "region"}


def make_storage(settings: Settings, aside: Aside | None = None) -> Storage:
    """From `file:///folder` or `s3://bucket/prefix?endpoint=https://…&region=…`. Raises `InvalidSettings`.

    `aside` is where objects are made; in threads, unless told.
    """
    parts = urlsplit(settings.effective_storage_url)
    if parts.scheme == "file":
        return LocalStorage(
            Path(url2pathname(parts.path)),
            secret=settings.require_secret(),
            link_seconds=settings.signed_url_seconds,
            aside=aside,
        )
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not parts.hostname or not query.keys() <= S3_PARAMETERS or "" in query.values():
        raise _wrong("must look like s3://bucket/prefix?endpoint=https://host&region=name")
    if (endpoint := query.get("endpoint")) is not None and not endpoint.startswith(("https://", "http://")):
        raise _wrong("its endpoint must begin with https:// or http://")

    key_id, secret = settings.s3_access_key_id, settings.s3_secret_access_key
    if (key_id is None) != (secret is None):
        missing = "EASEL_S3_ACCESS_KEY_ID" if key_id is None else "EASEL_S3_SECRET_ACCESS_KEY"
        raise InvalidSettings([SettingProblem(missing, "is not set, but the other half of the key is")])

    # Imported here: boto3 takes a third of a second, which a studio with local files need not spend.
    from app.integrations.storage.s3 import S3Location, S3Storage  # noqa: PLC0415

    return S3Storage(
        S3Location(parts.netloc, unquote(parts.path).strip("/"), endpoint, query.get("region")),
        access_key_id=key_id.get_secret_value() if key_id else None,
        secret_access_key=secret.get_secret_value() if secret else None,
        link_seconds=settings.signed_url_seconds,
        aside=aside,
    )


def _wrong(detail: str) -> InvalidSettings:
    return InvalidSettings([SettingProblem("EASEL_STORAGE_URL", detail)])
