"""Asking somebody else whether pictures may be shown: an organisation's own endpoint, over HTTP.

It gets, by POST, signed as Standard Webhooks has it (`webhook-id`, `webhook-timestamp`, `webhook-signature`)::

    {"type": "pictures.made", "job_id": "…", "prompt": "…",
     "pictures": [{"media_type": "image/webp", "data": "<base64, at most 512 pixels a side>"}]}

and answers 200 with ``{"verdict": "allowed" | "flagged" | "blocked", "reason": "…"}``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

import orjson
from pydantic import BaseModel, ValidationError

from app.core.enums import Verdict
from app.core.errors import UpstreamFailed
from app.core.ids import new_id
from app.integrations.outbound import OutboundClient

MAX_REASON = 300
OK = 200
SECRET_MARK = "whsec_"  # noqa: S105 (how the standard marks secrets)


@dataclass(frozen=True, slots=True)
class PicturesVerdict:
    verdict: Verdict
    reason: str


class OutputChecker(Protocol):
    """Raises `UpstreamFailed` or `AddressRefused` when it can't say."""

    async def look(
        self, url: str, secret: bytes, *, job_id: UUID, prompt: str, pictures: Sequence[bytes]
    ) -> PicturesVerdict: ...


class _Answer(BaseModel):
    verdict: Literal["allowed", "flagged", "blocked"]
    reason: str = ""


class HttpOutputChecker:
    def __init__(self, outbound: OutboundClient) -> None:
        self._outbound = outbound

    async def look(
        self, url: str, secret: bytes, *, job_id: UUID, prompt: str, pictures: Sequence[bytes]
    ) -> PicturesVerdict:
        body = orjson.dumps(
            {
                "type": "pictures.made",
                "job_id": str(job_id),
                "prompt": prompt,
                "pictures": [
                    {"media_type": "image/webp", "data": base64.b64encode(picture).decode()} for picture in pictures
                ],
            }
        )
        headers = {"Content-Type": "application/json", **sign(secret, body)}
        answer = await self._outbound.request("POST", url, content=body, headers=headers)
        if answer.status != OK:
            raise UpstreamFailed(f"The output check answers with status {answer.status}.")
        try:
            said = _Answer.model_validate_json(answer.body)
        except ValidationError as error:
            raise UpstreamFailed("The output check does not answer as it should.") from error
        reason = said.reason.replace("\0", "")[:MAX_REASON] or "The output check gave no reason."
        return PicturesVerdict(Verdict(said.verdict), reason)


def sign(secret: bytes, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks: HMAC-SHA256 over id, time and body."""
    message_id, now = f"msg_{new_id()}", str(int(time.time()))
    signature = hmac.digest(secret, b".".join((message_id.encode(), now.encode(), body)), hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": now,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def written(secret: bytes) -> str:
    """The secret as receivers' libraries take it."""
    return SECRET_MARK + base64.b64encode(secret).decode()
