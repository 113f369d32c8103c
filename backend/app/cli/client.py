"""Easel's HTTP API as `./easel generate` uses it: submit, follow, fetch, cancel."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin

import httpx
from httpx_sse import SSEError, aconnect_sse

FINAL_STATES = frozenset({"COMPLETED", "FAILED", "CANCELED"})
POLL_SECONDS = 0.5
SLOW_POLL_SECONDS = 5.0
SUBMIT_PAUSES = (0.5, 1.0)
STREAM_SILENCE_SECONDS = 40.0
"""The API sends a comment every 15 s; a stream that is silent for longer is dead."""


class CannotConnect(Exception):
    """Nothing answers at the address."""


class Refused(Exception):
    """The API said no. `status` is HTTP's, `code` the problem's own word, `lines` what is wrong with each field."""

    def __init__(self, status: int, code: str, detail: str, lines: tuple[str, ...] = ()) -> None:
        super().__init__("\n".join((detail, *(f"  {line}" for line in lines))))
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Job:
    """The part of a job that the command line shows."""

    id: str
    status: str
    progress: float
    queue_position: int | None
    eta_seconds: float | None
    error: str | None
    images: tuple[dict[str, Any], ...]
    model: str

    @classmethod
    def parse(cls, body: dict[str, Any]) -> Job:
        error = body.get("error")
        return cls(
            id=str(body["job_id"]),
            status=str(body["status"]),
            progress=float(body.get("progress") or 0.0),
            queue_position=body.get("queue_position"),
            eta_seconds=body.get("eta_seconds"),
            error=None if error is None else str(error.get("detail") or error.get("code")),
            images=tuple(body.get("images") or ()),
            model=str((body.get("params") or {}).get("model", "")),
        )

    @property
    def is_final(self) -> bool:
        return self.status in FINAL_STATES


class EaselClient:
    """Talks to one server with one token. Every method raises `CannotConnect` or `Refused`."""

    def __init__(self, server: str, token: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._server = server.rstrip("/") + "/"
        self._http = httpx.AsyncClient(headers=headers, timeout=30, trust_env=not _is_local(server))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def submit(self, request: dict[str, Any]) -> Job:
        """POST with an idempotency key, so that a try after a broken connection can't make a second job."""
        key = str(uuid.uuid4())
        for pause in SUBMIT_PAUSES:
            with contextlib.suppress(CannotConnect):
                return await self._submit_once(request, key)
            await asyncio.sleep(pause)
        return await self._submit_once(request, key)

    async def _submit_once(self, request: dict[str, Any], key: str) -> Job:
        headers = {"Idempotency-Key": key}
        return Job.parse(await self._json("POST", "api/v1/generate", json=request, headers=headers))

    async def job(self, job_id: str) -> Job:
        return Job.parse(await self._json("GET", f"api/v1/status/{job_id}"))

    async def cancel(self, job_id: str) -> None:
        await self._json("POST", f"api/v1/jobs/{job_id}/cancel")

    async def fetch(self, address: str) -> bytes:
        """A file by its signed address, which may be relative to the server. The token goes to the server alone."""
        url = urljoin(self._server, address)
        headers = {} if url.startswith(self._server) else {"Authorization": ""}
        answer = await self._send("GET", url, headers=headers)
        return answer.content

    async def follow(self, job: Job) -> AsyncIterator[Job]:
        """The job at every change until it is final: by server-sent events, and by polling when these fail."""
        wake = asyncio.Event()
        listener = asyncio.create_task(self._listen(job.id, wake))
        try:
            while not job.is_final:
                # While the stream lives, polling is only for a lost event.
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(wake.wait(), POLL_SECONDS if listener.done() else SLOW_POLL_SECONDS)
                wake.clear()
                job = await self.job(job.id)
                yield job
        finally:
            listener.cancel()

    async def _listen(self, job_id: str, wake: asyncio.Event) -> None:
        """Set `wake` at every event of the job. Ends, without an error, when there is no stream to be had."""
        timeout = httpx.Timeout(10, read=STREAM_SILENCE_SECONDS)
        try:
            async with aconnect_sse(self._http, "GET", self._server + "api/v1/events", timeout=timeout) as source:
                source.response.raise_for_status()
                wake.set()
                async for event in source.aiter_sse():
                    if job_id in event.data:
                        wake.set()
        except (httpx.HTTPError, SSEError):
            pass
        finally:
            wake.set()

    async def _json(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        answer = await self._send(method, self._server + path, **arguments)
        try:
            body = answer.json()
        except ValueError as error:
            raise CannotConnect(f"what answers at {self._server} is not Easel") from error
        if not isinstance(body, dict):
            raise CannotConnect(f"what answers at {self._server} is not Easel")
        return body

    async def _send(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, url, follow_redirects=method == "GET", **arguments)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CannotConnect(f"no answer from {self._server} ({type(error).__name__})") from error
        if answer.is_success:
            return answer
        raise _refusal(answer)


def _refusal(answer: httpx.Response) -> Refused:
    """From an RFC 9457 problem, or from whatever a proxy said."""
    try:
        problem = json.loads(answer.content)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        return Refused(answer.status_code, "", f"the server answered {answer.status_code} {answer.reason_phrase}")
    entries = [entry for entry in problem.get("errors") or [] if isinstance(entry, dict)]
    lines = tuple(f"{entry.get('pointer', '')}: {entry.get('detail', '')}" for entry in entries)
    detail = str(problem.get("detail") or problem.get("title") or answer.reason_phrase)
    return Refused(answer.status_code, str(problem.get("code", "")), detail, lines if len(lines) > 1 else ())


def _is_local(server: str) -> bool:
    return httpx.URL(server).host in {"127.0.0.1", "localhost", "::1"}
