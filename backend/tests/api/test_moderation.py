"""Moderation: a blocked prompt makes no job and costs nothing, a flagged one is seen, pictures may be looked at."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest

from app.core.enums import Role
from app.core.ids import new_id
from app.services.moderation_rules import MAX_RULES
from tests.support.people import bearer_of, make_member, make_organization
from tests.support.studio import Browser, Studio
from tests.support.tiny_server import serve_app

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]
RULES = "/api/v1/admin/moderation/rules"
CHECK = "/api/v1/admin/moderation/output-check"


async def add_rule(browser: Browser, pattern: str, action: str = "block", kind: str = "words") -> dict[str, Any]:
    answer = await browser.post(RULES, json={"pattern": pattern, "action": action, "kind": kind})
    assert answer.status_code == 201, answer.text
    rule: dict[str, Any] = answer.json()
    return rule


async def decisions(browser: Browser, **parameters: str) -> list[dict[str, Any]]:
    answer = await browser.get("/api/v1/admin/moderation/decisions", params=parameters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def audited(browser: Browser, action: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await browser.get("/api/v1/audit", params={"action": action})).json()["items"]
    return items


@pytest.mark.parametrize("prompt", ["a scene of gore", "G O R E in the park", "gоrе", "g0re, please"])
async def test_a_blocked_prompt_makes_no_job_and_costs_nothing(studio: Studio, prompt: str) -> None:
    ann = await studio.register("ann")
    await add_rule(ann, "gore")
    answer = await ann.post("/api/v1/generate", json={"prompt": prompt}, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (422, "prompt_blocked")
    assert answer.json()["errors"][0]["pointer"] == "/prompt"
    assert (await ann.get("/api/v1/jobs")).json()["items"] == []
    assert (await ann.get("/api/v1/users/me")).json()["quota"]["used"] == 0
    [decision] = await decisions(ann)
    assert (decision["verdict"], decision["stage"], decision["job_id"]) == ("blocked", "prompt", None)
    assert (decision["prompt"], decision["reason"], decision["user_name"]) == (prompt, "gore", "Ann")
    [event] = await audited(ann, "prompt.blocked")
    assert event["after"] == {"decision": decision["id"]}
    good = {"prompt": "a flower"}  # and the key is still free
    assert (await ann.post("/api/v1/generate", json=good, headers={"Idempotency-Key": "k"})).status_code == 202


async def test_a_flagged_prompt_passes_and_is_seen(studio: Studio) -> None:
    ann = await studio.register("ann")
    await add_rule(ann, r"weapons?|guns?", "flag", "regex")
    job = await ann.generate("a man with a GUN")
    await ann.generate("a flower")
    [decision] = await decisions(ann, verdict="flagged")
    assert (decision["job_id"], decision["reason"]) == (job["job_id"], r"weapons?|guns?")
    assert await decisions(ann, verdict="blocked") == []
    [event] = await audited(ann, "prompt.flagged")
    assert event["target"] == f"job:{job['job_id']}"


async def test_what_is_not_wanted_may_be_named_as_not_wanted(studio: Studio) -> None:
    ann = await studio.register("ann")
    await add_rule(ann, "gore")
    await ann.generate("a flower", negative_prompt="gore")


async def test_trying_again_is_judged_again(studio: Studio) -> None:
    ann = await studio.register("ann")
    job = await ann.generate("a scene of gore")
    await ann.post(f"/api/v1/jobs/{job['job_id']}/cancel")
    rule = await add_rule(ann, "gore")
    answer = await ann.post(f"/api/v1/jobs/{job['job_id']}/retry")
    assert (answer.status_code, answer.json()["code"]) == (422, "prompt_blocked")
    assert (await ann.request("DELETE", f"{RULES}/{rule['id']}")).status_code == 204
    assert (await ann.post(f"/api/v1/jobs/{job['job_id']}/retry")).status_code == 202
    assert len(await audited(ann, "moderation_rule.created")) == len(await audited(ann, "moderation_rule.deleted")) == 1


async def test_a_rule_is_changed_in_place_and_the_log_says_from_what_to_what(studio: Studio) -> None:
    ann = await studio.register("ann")
    rule = await add_rule(ann, "gore")
    path = f"{RULES}/{rule['id']}"
    answer = await ann.request("PATCH", path, json={"pattern": "gore|guts", "kind": "regex", "note": "legal asked"})
    assert answer.status_code == 200, answer.text
    assert answer.json() == {**rule, "pattern": "gore|guts", "kind": "regex", "note": "legal asked"}
    assert (await ann.get(RULES)).json()["items"] == [answer.json()]
    assert (await ann.post("/api/v1/generate", json={"prompt": "guts"})).json()["code"] == "prompt_blocked"
    assert (await ann.request("PATCH", path, json={"action": "flag"})).status_code == 200
    assert (await ann.post("/api/v1/generate", json={"prompt": "guts"})).status_code == 202
    assert (await ann.request("PATCH", path, json={"action": "flag"})).status_code == 200  # nothing new to tell
    second, first = await audited(ann, "moderation_rule.changed")
    assert first["target"] == f"rule:{rule['id']}"
    assert (first["before"], first["after"]) == (
        {"kind": "words", "pattern": "gore", "note": ""},
        {"kind": "regex", "pattern": "gore|guts", "note": "legal asked"},
    )
    assert (second["before"], second["after"]) == ({"action": "block"}, {"action": "flag"})


async def test_a_wrong_change_leaves_the_rule_as_it_was(studio: Studio) -> None:
    ann = await studio.register("ann")
    rule = await add_rule(ann, "a(b", "block")
    path = f"{RULES}/{rule['id']}"
    for change, code in (({"kind": "regex"}, "invalid_pattern"), ({"pattern": ""}, "string_too_short")):
        answer = await ann.request("PATCH", path, json=change)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert (await ann.get(RULES)).json()["items"] == [rule]
    gone = await ann.request("PATCH", f"{RULES}/{new_id()}", json={"note": "?"})
    assert (gone.status_code, gone.json()["code"]) == (404, "rule_not_found")
    assert await audited(ann, "moderation_rule.changed") == []


async def test_the_rules_of_one_organisation_are_nobody_elses(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(registration="open") as studio:
        ann, bob = await studio.register("ann"), await studio.register("bob")
        await add_rule(ann, "gore")
        await ann.post("/api/v1/generate", json={"prompt": "gore"})
        await bob.generate("gore")
        assert (await bob.get(RULES)).json()["items"] == []
        [rule] = (await ann.get(RULES)).json()["items"]
        stolen = await bob.request("PATCH", f"{RULES}/{rule['id']}", json={"action": "flag"})
        assert (stolen.status_code, stolen.json()["code"]) == (404, "rule_not_found")
        assert (await ann.get(RULES)).json()["items"] == [rule]
        assert await decisions(bob) == []


async def test_rules_can_be_tried_without_a_trace(studio: Studio) -> None:
    ann = await studio.register("ann")
    block, flag = await add_rule(ann, "gore"), await add_rule(ann, "gun", "flag")
    for prompt, verdict, met in (
        ("a flower", "allowed", []),
        ("a gun", "flagged", [flag["id"]]),
        ("gore with a gun", "blocked", [block["id"], flag["id"]]),
    ):
        answer = (await ann.post("/api/v1/admin/moderation/try", json={"prompt": prompt})).json()
        assert (answer["verdict"], [rule["id"] for rule in answer["rules"]]) == (verdict, met)
    assert await decisions(ann) == []


async def test_a_wrong_pattern_and_too_many_rules_are_refused(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = await studio.register("ann")
    answer = await ann.post(RULES, json={"pattern": "(", "kind": "regex", "action": "block"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "invalid_pattern")
    monkeypatch.setattr("app.services.moderation_rules.MAX_RULES", 1)
    assert MAX_RULES == 200
    await add_rule(ann, "gore")
    answer = await ann.post(RULES, json={"pattern": "guts", "action": "block"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_rules")


async def test_a_member_can_neither_see_nor_set_rules(studio: Studio) -> None:
    owner = await make_organization(studio, "Own")
    member = await bearer_of(studio, await make_member(studio, owner.organization_id, Role.MEMBER))
    http = await studio.http()
    for method, path in (("GET", RULES), ("POST", RULES), ("GET", CHECK), ("PUT", CHECK)):
        answer = await http.request(method, path, headers=member, **({} if method == "GET" else {"json": {}}))
        assert answer.json()["code"] == "role_not_allowed"


class Looker:
    """Somebody's endpoint. It checks the signature as the standard's libraries do, and answers what it is told."""

    def __init__(self) -> None:
        self.secret = ""
        self.seen: list[dict[str, Any]] = []
        self.answer: tuple[int, bytes] = (200, b'{"verdict": "allowed"}')

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        good = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        if headers["webhook-signature"] == f"v1,{good}":
            self.seen.append(json.loads(body))
        status, content = self.answer
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": content})


@asynccontextmanager
async def studio_with_looker(open_studio_with: OpenStudio) -> AsyncIterator[tuple[Studio, Browser, Looker, str]]:
    looker = Looker()
    async with serve_app(looker) as url, open_studio_with(outbound_allowed="127.0.0.1/32") as studio:
        ann = await studio.register("ann")
        looker.secret = (await ann.get(CHECK)).json()["secret"]
        yield studio, ann, looker, f"{url}/look"


async def set_check(browser: Browser, url: str, when_away: str = "block") -> httpx.Response:
    return await browser.request("PUT", CHECK, json={"url": url, "when_away": when_away})


async def test_pictures_are_looked_at_before_anybody_sees_them(open_studio_with: OpenStudio) -> None:
    async with studio_with_looker(open_studio_with) as (studio, ann, looker, url):
        assert (await set_check(ann, url)).json()["url"] == url
        expected = {
            b'{"verdict": "allowed"}': ("COMPLETED", None),
            b'{"verdict": "flagged", "reason": "hm"}': ("COMPLETED", "flagged"),
            b'{"verdict": "blocked", "reason": "no"}': ("FAILED", "blocked"),
        }
        for answer, (status, verdict) in expected.items():
            looker.answer = (200, answer)
            before = len(await decisions(ann))
            job = await ann.generate("a flower", num_images=2)
            await studio.drain()
            done = await ann.status(job["job_id"])
            assert done["status"] == status
            new = (await decisions(ann))[: len(await decisions(ann)) - before]
            assert [each["verdict"] for each in new] == ([verdict] if verdict else [])
        assert (done["error"]["code"], done["images"]) == ("output_blocked", [])
        assert new[0]["reason"] == "no"
        assert len(looker.seen) == 3
        assert len(looker.seen[0]["pictures"]) == 2
        assert base64.b64decode(looker.seen[0]["pictures"][0]["data"]).startswith(b"RIFF")
        used = (await ann.get("/api/v1/users/me")).json()["quota"]["used"]
        assert used == pytest.approx(2 * 2 * 64 * 64 * 4 / 1e6)  # the blocked one is paid back
        assert len(await audited(ann, "output.blocked")) == 1
        assert (await ann.request("DELETE", CHECK)).status_code == 204
        await ann.generate("a flower")
        await studio.drain()
        assert len(looker.seen) == 3


@pytest.mark.parametrize(("when_away", "status"), [("allow", "COMPLETED"), ("block", "FAILED")])
async def test_an_endpoint_that_fails_does_as_was_said(
    open_studio_with: OpenStudio, when_away: str, status: str
) -> None:
    async with studio_with_looker(open_studio_with) as (studio, ann, looker, url):
        await set_check(ann, url, when_away)
        for answer in ((500, b"oh"), (200, b"yes"), (200, b'{"verdict": "maybe"}'), (302, b"")):
            looker.answer = answer
            job = await ann.generate("a flower")
            await studio.drain()
            done = await ann.status(job["job_id"])
            assert done["status"] == status, answer
        if when_away == "block":
            assert done["error"]["code"] == "output_check_failed"


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://169.254.169.254/latest/", "http://8.8.8.8/", "file:///etc/passwd", "x"]
)
async def test_an_endpoint_inside_is_refused(studio: Studio, url: str) -> None:
    ann = await studio.register("ann")
    answer = await set_check(ann, url)
    assert (answer.status_code, answer.json()["code"]) == (422, "address_refused")
    assert (await ann.get(CHECK)).json()["url"] is None
