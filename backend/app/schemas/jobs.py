"""Jobs: what is asked for, and how far it has come."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated
from uuid import UUID

from pydantic import Field, field_validator

from app.core.enums import JobStage, JobStatus, Visibility
from app.schemas.base import STORABLE, Input, Output, Page, Timestamp

PROMPT_BOUND = 20_000
"""Far above any setting: keeps a flood of text from reaching the checks that know the model."""


class GenerateRequest(Input):
    """null means the model's default."""

    prompt: Annotated[str, Field(max_length=PROMPT_BOUND, examples=["a red rocket"]), STORABLE]
    negative_prompt: Annotated[str, Field(max_length=PROMPT_BOUND), STORABLE] | None = None
    model: Annotated[str, Field(max_length=200), STORABLE] | None = None
    width: Annotated[int, Field(ge=1, le=16384)] | None = None
    height: Annotated[int, Field(ge=1, le=16384)] | None = None
    steps: Annotated[int, Field(ge=1, le=1000)] | None = None
    guidance: Annotated[float, Field(ge=0, le=50)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = Field(
        default=None, description="null: a random one, which the answer tells."
    )
    num_images: Annotated[int, Field(ge=1, le=100)] = 1
    visibility: Visibility = Visibility.PRIVATE
    priority: Annotated[int, Field(ge=-10, le=10)] = Field(
        default=0, description="Among your own waiting jobs: higher runs first. It takes no turn of anybody else's."
    )
    deadline_seconds: Annotated[int, Field(ge=1, le=7 * 86400)] | None = Field(
        default=None,
        description="A job that is not done by then fails and costs nothing. null: the studio's own limit.",
    )

    @field_validator("prompt")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("The prompt is empty. Say what the picture should show, e.g. “a red rocket”.")
        return value.strip()

    @field_validator("negative_prompt")
    @classmethod
    def _blank_is_none(cls, value: str | None) -> str | None:
        return (value or "").strip() or None


class JobParams(Output):
    model: str
    width: int
    height: int
    steps: int
    guidance: float
    seed: int
    num_images: int


class JobImage(Output):
    id: UUID
    url: str
    thumbnail_url: str
    width: int
    height: int
    seed: int
    placeholder: str = Field(description="ThumbHash, base64.")


class JobError(Output):
    code: str
    detail: str


class JobOut(Output):
    job_id: UUID
    status: JobStatus
    progress: float = Field(ge=0, le=1)
    stage: JobStage | None = Field(
        default=None, description="While RUNNING: “loading” as long as its model is brought into memory."
    )
    queue_position: int | None = Field(description="1 is next; null unless QUEUED.")
    eta_seconds: float | None
    prompt: str
    negative_prompt: str | None
    params: JobParams
    images: list[JobImage]
    image_url: str | None = Field(description="The first image's URL.")
    error: JobError | None
    attempt: int
    cost: float = Field(description="Megapixel-steps.")
    visibility: Visibility
    created_at: Timestamp
    started_at: Timestamp | None
    finished_at: Timestamp | None

    @cached_property
    def as_json(self) -> str:
        """Written once for all who are told: whoever asked, and whoever listens to the job's events."""
        return self.model_dump_json()


class JobPage(Page):
    items: list[JobOut]


class JobEvent(Output):
    """The data of one server-sent event. `job` is the whole job in every event but progress."""

    job_id: UUID
    status: JobStatus
    progress: float
    queue_position: int | None = None
    eta_seconds: float | None = None
    stage: JobStage | None = None
    preview: str | None = Field(default=None, description="A small picture as a data: URL.")
    job: JobOut | None = None
