"""Health, readiness, metrics, docs, headers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from tests.support.studio import Studio

OpenStudio = Callable[..., AbstractAsyncContextManager[Studio]]


async def test_a_healthy_studio_is_alive_and_ready(studio: Studio) -> None:
    http = await studio.http()
    assert (await http.get("/healthz")).json()["status"] == "ok"
    ready = await http.get("/readyz")
    assert ready.status_code == 200
    assert {name: check["ok"] for name, check in ready.json()["checks"].items()} == {
        "database": True,
        "redis": True,
        "storage": True,
    }


async def test_a_studio_without_redis_lives_says_so_and_still_accepts(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(redis_url="redis://127.0.0.1:1/0") as studio:
        http = await studio.http()
        assert (await http.get("/healthz")).status_code == 200
        ready = await http.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["checks"]["redis"]["ok"] is False
        assert ready.json()["checks"]["database"]["ok"] is True
        ann = await studio.register("ann")
        job = await ann.generate()
        await studio.drain()
        assert (await ann.status(job["job_id"]))["status"] == "COMPLETED"


async def test_a_studio_without_a_database_answers_503_with_when_to_come_back(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(database_url="postgresql://easel:wrong@127.0.0.1:1/easel") as studio:
        http = await studio.http()
        assert (await http.get("/healthz")).status_code == 200
        assert (await http.get("/readyz")).json()["checks"]["database"]["ok"] is False
        answer = await http.post("/api/v1/auth/login", json={"email": "a@example.com", "password": "x"})
        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
        assert int(answer.headers["Retry-After"]) > 0


async def test_the_metrics_count_requests_queue_and_jobs(studio: Studio) -> None:
    ann = await studio.register("ann")
    await ann.generate()
    text = (await ann.http.get("/metrics")).text
    assert 'easel_queue_jobs{model="plain",status="QUEUED"} 1.0' in text
    assert 'easel_http_request_seconds_count{method="POST",route="/api/v1/generate",status="202"}' in text
    await studio.drain()
    text = (await ann.http.get("/metrics")).text
    assert 'easel_jobs_finished_total{model="plain",status="COMPLETED"}' in text
    assert 'easel_job_run_seconds_count{model="plain",stage="generate"}' in text
    assert 'easel_queue_jobs{model="plain",status="QUEUED"}' not in text


async def test_metrics_may_be_kept_behind_a_token(open_studio_with: OpenStudio) -> None:
    async with open_studio_with(metrics_token="let-me-see") as studio:
        http = await studio.http()
        assert (await http.get("/metrics")).status_code == 401
        assert (await http.get("/metrics", headers={"Authorization": "Bearer let-me-see"})).status_code == 200


async def test_without_a_token_metrics_are_for_this_machine_alone(studio: Studio) -> None:
    http = await studio.http()
    from_elsewhere = await http.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"})
    assert (from_elsewhere.status_code, from_elsewhere.json()["code"]) == (401, "unauthenticated")
    assert (await http.get("/metrics")).status_code == 200


async def test_the_docs_load_nothing_from_elsewhere(studio: Studio) -> None:
    http = await studio.http()
    page = await http.get("/api/docs")
    assert page.status_code == 200
    assert "://" not in page.text
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    for asset in ("/api/docs/start.js", "/api/docs/assets/swagger-ui-bundle.js", "/api/docs/assets/swagger-ui.css"):
        assert (await http.get(asset)).status_code == 200, asset
    document = (await http.get("/api/openapi.json")).json()
    assert document["info"]["title"] == "Easel"


async def test_every_answer_has_ids_and_security_headers(studio: Studio) -> None:
    http = await studio.http()
    trace = "0af7651916cd43dd8448eb211c80319c"
    answer = await http.get(
        "/api/v1/users/me", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01", "X-Request-Id": "mine-1"}
    )
    assert answer.headers["X-Request-Id"] == "mine-1"
    assert answer.headers["X-Trace-Id"] == answer.json()["trace_id"] == trace
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    forged = await http.get("/healthz", headers={"traceparent": "00-zz-zz-01", "X-Request-Id": "a b\tc"})
    assert len(forged.headers["X-Trace-Id"]) == 32
    assert forged.headers["X-Request-Id"] != "a b\tc"
