"""Objects in a bucket of S3 or of anything that speaks its protocol."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import boto3
from botocore import UNSIGNED
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from app.core.errors import NotFound, StorageFull, Unavailable
from app.integrations.side_process import Aside, Threads
from app.integrations.storage.keys import check_key, check_prefix
from app.integrations.storage.links import content_disposition, window_end
from app.integrations.storage.protocol import Make, StoredEntry, StoredObject, Told

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LINK_CACHE_SIZE = 10_000
MAX_LINK_SECONDS = 7 * 86400  # SigV4's own limit
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})
_REFUSED = frozenset(
    {"403", "401", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}
)
_FULL = frozenset({"507", "InsufficientStorage", "XMinioStorageFull", "QuotaExceeded", "XAmzQuotaExceeded"})

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class S3Location:
    """Where the objects are. `prefix` is put before every key; `endpoint` None means Amazon's own."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None


class S3Storage:
    """One bucket, through boto3 in threads. The client is thread-safe."""

    def __init__(
        self,
        location: S3Location,
        *,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
        link_seconds: int = 3600,
        clock: Callable[[], float] = time.time,
        aside: Aside | None = None,
    ) -> None:
        """Without keys, boto's own chain finds them: environment, profile, instance role."""
        self._location = location
        self._prefix = f"{location.prefix.strip('/')}/" if location.prefix.strip("/") else ""
        self._link_seconds = min(link_seconds, MAX_LINK_SECONDS)
        self._clock = clock
        self._aside = aside or Threads()
        self._session = boto3.Session(
            aws_access_key_id=access_key_id,
            aws_secret_access_key=secret_access_key,
            # Signing needs some region; servers other than Amazon's take this one.
            region_name=location.region or ("us-east-1" if location.endpoint else None),
        )
        self._client = self._make_client()
        # Resolves the address of an object, by the same rules as the client, and leaves the signing to us.
        self._addresses = self._make_client(signature_version=UNSIGNED)
        # A link costs 0.4 ms, a page of the gallery has a hundred of them, and within a window they stay the same.
        self._cached_link = lru_cache(maxsize=LINK_CACHE_SIZE)(self._link)

    async def put(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        name = self._name(key)
        # The server compares the digest, so a torn upload is refused there instead of being found by a reader.
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode("ascii")
        await self._call(
            lambda: self._client.put_object(
                Bucket=self._location.bucket, Key=name, Body=data, ContentType=content_type, ContentMD5=digest
            )
        )
        return StoredObject(key, len(data), hashlib.sha256(data).hexdigest())

    async def put_made(self, make: Make[Told]) -> tuple[Told, list[StoredObject]]:
        told, objects = await self._aside.run(make)
        puts = (self.put(each.key, each.data, content_type=each.content_type) for each in objects)
        stored: list[StoredObject] = []
        for found in await asyncio.gather(*puts, return_exceptions=True):  # none goes on behind our back
            if isinstance(found, BaseException):
                raise found
            stored.append(found)
        return told, stored

    async def get(self, key: str) -> bytes:
        name = self._name(key)

        def download() -> bytes:
            return self._client.get_object(Bucket=self._location.bucket, Key=name)["Body"].read()

        return await self._call(download)

    async def exists(self, key: str) -> bool:
        name = self._name(key)
        try:
            await self._call(lambda: self._client.head_object(Bucket=self._location.bucket, Key=name))
        except NotFound:
            return False
        return True

    async def delete(self, key: str) -> None:
        name = self._name(key)
        try:
            await self._call(lambda: self._client.delete_object(Bucket=self._location.bucket, Key=name))
        except NotFound:
            return

    async def list(self, prefix: str) -> AsyncIterator[str]:
        async for entry in self.entries(prefix):
            yield entry.key

    async def remove_unfinished(self, older_than_seconds: float) -> int:
        """An object is there whole or not at all; we make no multipart uploads, which could be left open."""
        del older_than_seconds
        return 0

    async def entries(self, prefix: str) -> AsyncIterator[StoredEntry]:
        """Page by page, so a bucket of any size takes little memory."""
        full_prefix = self._prefix + check_prefix(prefix)
        pages = iter(
            self._client.get_paginator("list_objects_v2").paginate(Bucket=self._location.bucket, Prefix=full_prefix)
        )
        while (page := await self._call(lambda: next(pages, None))) is not None:
            for entry in page.get("Contents", ()):
                yield StoredEntry(entry["Key"].removeprefix(self._prefix), entry["LastModified"].timestamp())

    def signed_url(self, key: str, *, content_type: str, filename: str | None = None) -> str:
        """Absolute. Makes no request, unless the credentials come from an instance role and have to be renewed."""
        return self._cached_link(key, content_type, filename, window_end(self._clock(), self._link_seconds))

    def _link(self, key: str, content_type: str, filename: str | None, end: int) -> str:
        address = self._addresses.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._location.bucket,
                "Key": self._name(key),
                "ResponseContentType": content_type,
                "ResponseContentDisposition": content_disposition(filename),
                "ResponseCacheControl": "private, max-age=31536000, immutable",
            },
        )
        return self._presign(address, signed_at=end - self._link_seconds)

    async def check(self) -> None:
        key = f"health/{secrets.token_hex(8)}"
        await self.put(key, b"easel", content_type="text/plain")
        try:
            if await self.get(key) != b"easel":
                raise Unavailable(f"{self._place} gives back other bytes than were written.")
        finally:
            await self.delete(key)

    @property
    def _place(self) -> str:
        return f"The bucket {self._location.bucket!r} at {self._location.endpoint or 'Amazon S3'}"

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _make_client(self, **options: Any) -> S3Client:
        config = Config(
            # Servers other than Amazon's know no CRC64 trailers, and answer ranged reads with none to compare.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"mode": "standard", "total_max_attempts": 3},
            connect_timeout=5,
            read_timeout=30,
            max_pool_connections=32,
            # A host name per bucket needs wildcard DNS, which a server of one's own seldom has.
            s3={"addressing_style": "path" if self._location.endpoint else "auto"},
            **options,
        )
        return self._session.client("s3", endpoint_url=self._location.endpoint, config=config)

    def _presign(self, address: str, *, signed_at: int) -> str:
        """Sign with a moment of our choosing: boto's own presigning takes the present one, so every call would give
        another URL, and no browser could cache anything."""
        credentials = self._session.get_credentials()
        if credentials is None:
            raise self._no_credentials()
        region = self._client.meta.region_name or "us-east-1"
        signer = _QueryAuthAt(signed_at, credentials.get_frozen_credentials(), "s3", region, self._link_seconds)
        request = AWSRequest(method="GET", url=address)
        signer.add_auth(request)
        return str(request.url)

    async def _call(self, function: Callable[[], Result]) -> Result:
        try:
            return await asyncio.to_thread(function)
        except ClientError as error:
            self._raise_answer(error)
        except (NoCredentialsError, PartialCredentialsError) as error:
            raise self._no_credentials() from error
        except BotoCoreError as error:
            raise Unavailable(
                f"{self._place} can't be reached: check that it runs and that EASEL_STORAGE_URL names it."
            ) from error

    def _raise_answer(self, error: ClientError) -> NoReturn:
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
        if code == "NoSuchBucket":
            raise Unavailable(f"{self._place} doesn't exist: create it, or mend EASEL_STORAGE_URL.") from error
        if code in _MISSING:
            raise NotFound("There is no such file.") from error
        if code in _FULL or status in _FULL:
            raise StorageFull(f"{self._place} takes no more: enlarge its quota or delete pictures.") from error
        if code in _REFUSED or status in _REFUSED:
            raise Unavailable(
                f"{self._place} refuses our key: check EASEL_S3_ACCESS_KEY_ID and EASEL_S3_SECRET_ACCESS_KEY, "
                "and that they may read, write, list and delete there."
            ) from error
        raise Unavailable(f"{self._place} answered with an error ({code or status}); it may pass by itself.") from error

    def _no_credentials(self) -> Unavailable:
        return Unavailable(f"{self._place} needs a key: set EASEL_S3_ACCESS_KEY_ID and EASEL_S3_SECRET_ACCESS_KEY.")


class _QueryAuthAt(S3SigV4QueryAuth):
    """Query signing (SigV4) as of a given moment instead of the present one."""

    def __init__(self, signed_at: int, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._signed_at = datetime.fromtimestamp(signed_at, UTC).strftime("%Y%m%dT%H%M%SZ")

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        # The one hook between botocore's setting of the time and its use.
        request.context["timestamp"] = self._signed_at
        super()._modify_request_before_signing(request)  # type: ignore[misc]  # not in the stubs
