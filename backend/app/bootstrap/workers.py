"""What a worker is made of: its engine, and the service that runs jobs on it."""

from __future__ import annotations

from app.bootstrap.parts import Parts
from app.core.config import Settings
from app.engine.protocol import Engine
from app.engine.remote_engine import RemoteEngine
from app.engine.switch import EngineSwitch
from app.services.doors import Doorkeeper
from app.services.image_keeping import ImageKeeper
from app.services.job_ends import JobEnds
from app.services.work import WorkService


def make_work_service(parts: Parts, engine: Engine, worker_name: str) -> WorkService:
    settings = parts.settings
    return WorkService(
        parts.units,
        engine=engine,
        catalog=parts.catalog,
        keeper=ImageKeeper(parts.storage, parts.catalog, patience_seconds=settings.storage_patience_seconds),
        ends=JobEnds(parts.units, parts.quotas, parts.announcer, parts.wake_ups, max_attempts=settings.max_attempts),
        announcer=parts.announcer,
        moderation=parts.moderation,
        board=parts.board,
        worker_name=worker_name,
        lease_seconds=settings.lease_seconds,
        heartbeat_seconds=settings.heartbeat_seconds,
        max_batch_images=settings.batch_images,
        drain_seconds=settings.drain_seconds,
    )


def make_doorkeeper(parts: Parts, work: WorkService) -> Doorkeeper:
    return Doorkeeper(parts.bell, work, parts.catalog)


def make_diffusers_engine(settings: Settings) -> Engine:
    """Imported here: only workers pay for torch."""
    from app.engine.diffusers_engine import DiffusersEngine  # noqa: PLC0415

    return DiffusersEngine(
        device=settings.device,
        threads=settings.torch_threads,
        model_memory=settings.model_memory,
        compiles=settings.cpu_runtime == "auto",
        cache=settings.home / "cache" / "compiled",
    )


def with_remote_models(local: Engine, parts: Parts) -> Engine:
    """The engine for all models of the catalogue: `local`, and beside it one for those that other servers run."""
    remote_ids = {model.id for model in parts.catalog if model.remote is not None}
    if not remote_ids:
        return local
    remote = RemoteEngine(parts.settings.find_remote_key)
    return EngineSwitch(local, remote, remote_ids, all_remote=len(remote_ids) == len(parts.catalog))
