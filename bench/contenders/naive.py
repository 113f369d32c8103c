"""The design that a first draft has: a sync route, the ORM with commit and refresh, and `.delay()` in the request.

It asks what Easel asks, each with the query that comes to mind: who calls (the token, then the user's row), do they
ask too often (a counter in Redis), was this key used before, do the organisation's rules allow the prompt, are too many
jobs open, is there quota left, is the request sound; and it keeps a ledger. It leaves out turns of a fair queue, live
events, metrics, row-level security, and a log beyond uvicorn's own.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

import redis
from celery import Celery
from fastapi import Depends, FastAPI, Header, HTTPException, status
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ForeignKey, create_engine, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from app.core.config import load_settings
from app.core.security import AccessTokens
from app.core.signing import SigningKeys

MAX_OPEN = 1_000_000
QUOTA = 10**15
A_MINUTE = 1_000_000

settings = load_settings(_env_file=None)
engine = create_engine(os.environ["NAIVE_DATABASE_URL"], pool_size=20, max_overflow=20)
new_session = sessionmaker(engine)
celery = Celery("naive", broker=settings.redis_url, set_as_current=False)
counters = redis.Redis.from_url(settings.redis_url)
keys = SigningKeys(
    settings.require_secret(),
    rotate_every=timedelta(days=7),
    tokens_live=timedelta(hours=1),
)
tokens = AccessTokens(keys, lifetime_seconds=3600)
bearer = OAuth2PasswordBearer(tokenUrl="token")
app = FastAPI()


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "naive_users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(default=0)


class Job(Base):
    __tablename__ = "naive_jobs"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("naive_users.id"), index=True)
    status: Mapped[str] = mapped_column(default="QUEUED", index=True)
    prompt: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    steps: Mapped[int]
    guidance: Mapped[float]
    seed: Mapped[int]
    cost: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC).replace(tzinfo=None))


class Key(Base):
    __tablename__ = "naive_keys"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("naive_users.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    job_id: Mapped[UUID] = mapped_column(ForeignKey("naive_jobs.id"))


class LedgerLine(Base):
    __tablename__ = "naive_ledger"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    job_id: Mapped[UUID] = mapped_column(ForeignKey("naive_jobs.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("naive_users.id"))
    amount: Mapped[int]


class Rule(Base):
    __tablename__ = "naive_rules"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    word: Mapped[str]


class Ask(BaseModel):
    prompt: str = Field(min_length=1, max_length=2000)
    width: int = Field(default=64, ge=64, le=128)
    height: int = Field(default=64, ge=64, le=128)
    steps: int = Field(default=4, ge=1, le=50)
    guidance: float = 3.0
    seed: int = Field(default_factory=lambda: secrets.randbelow(2**31))


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    status: str
    prompt: str
    width: int
    height: int
    steps: int
    guidance: float
    seed: int
    cost: int
    created_at: datetime


Base.metadata.create_all(engine)
with engine.begin() as everybody:
    everybody.execute(text("INSERT INTO naive_users (id, used) SELECT id, 0 FROM users ON CONFLICT DO NOTHING"))


@celery.task(name="naive.generate")
def generate_image(job_id: str) -> None:
    """Nobody runs it here: the message is what is measured."""


def get_session() -> Iterator[Session]:
    session = new_session()
    try:
        yield session
    finally:
        session.close()


SessionDep = Annotated[Session, Depends(get_session)]


def current_user(session: SessionDep, token: Annotated[str, Depends(bearer)]) -> User:
    user = session.get(User, tokens.verify(token).user_id)
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "who are you?")
    counter = f"naive:{user.id}:{int(time.time() // 60)}"
    asked = counters.incr(counter)
    counters.expire(counter, 120)
    if asked > A_MINUTE:
        raise HTTPException(status.HTTP_429_TOO_MANY_REQUESTS, "too many requests")
    return user


@app.post("/api/v1/generate", status_code=status.HTTP_202_ACCEPTED)
def generate(
    ask: Ask,
    session: SessionDep,
    user: Annotated[User, Depends(current_user)],
    idempotency_key: Annotated[str | None, Header()] = None,
) -> Answer:
    body_hash = hashlib.sha256(ask.model_dump_json().encode()).hexdigest()
    if idempotency_key is not None:
        known = session.get(Key, (user.id, idempotency_key))
        if known is not None and known.body_hash != body_hash:
            raise HTTPException(status.HTTP_422_UNPROCESSABLE_ENTITY, "the key was used with another body")
        if known is not None:
            return Answer.model_validate(session.get(Job, known.job_id))
    if any(rule.word in ask.prompt for rule in session.scalars(select(Rule))):
        raise HTTPException(status.HTTP_422_UNPROCESSABLE_ENTITY, "against the rules")
    waiting = select(func.count()).select_from(Job).where(Job.user_id == user.id, Job.status == "QUEUED")
    if (session.scalar(waiting) or 0) >= MAX_OPEN:
        raise HTTPException(status.HTTP_409_CONFLICT, "too many open jobs")
    cost = ask.width * ask.height * ask.steps
    if user.used + cost > QUOTA:
        raise HTTPException(status.HTTP_402_PAYMENT_REQUIRED, "over quota")
    user.used += cost
    job = Job(user_id=user.id, cost=cost, **ask.model_dump())
    session.add(job)
    session.flush()
    session.add(LedgerLine(job_id=job.id, user_id=user.id, amount=cost))
    if idempotency_key is not None:
        session.add(Key(user_id=user.id, key=idempotency_key, body_hash=body_hash, job_id=job.id))
    session.commit()
    session.refresh(job)
    generate_image.delay(str(job.id))
    return Answer.model_validate(job)
