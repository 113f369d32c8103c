"""What clients of the OpenAI Images API send and expect."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from app.schemas.base import STORABLE, Input, Output
from app.schemas.jobs import PROMPT_BOUND, GenerateRequest

LONGEST_SIDE = 16384
_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
FileFormat = Literal["png", "jpeg", "webp"]
Quality = Literal["auto", "low", "medium", "standard", "high", "hd"]


class OpenAIImageRequest(Input):
    """OpenAI's fields, and four of Easel's own for those who ask for them (`extra_body` in OpenAI's libraries)."""

    prompt: Annotated[str, Field(max_length=PROMPT_BOUND, examples=["a red rocket"]), STORABLE]
    model: Annotated[str, Field(max_length=200), STORABLE] | None = Field(
        default=None, description="One of `/v1/models`; null: the studio's default."
    )
    n: Annotated[int, Field(ge=1, le=100)] | None = None
    size: str | None = Field(default=None, description="`WIDTHxHEIGHT`, or `auto` for the model's own.")
    quality: Quality | None = Field(
        default=None, description="`low` takes half of the model's usual steps, `high` and `hd` twice as many."
    )
    stream: bool | None = None
    partial_images: Annotated[int, Field(ge=0, le=3)] | None = Field(
        default=None, description="With `stream`: at most so many previews of the first image come before the result."
    )
    output_format: FileFormat | None = Field(default=None, description="png when null.")
    output_compression: Annotated[int, Field(ge=0, le=100)] | None = Field(
        default=None, description="Quality of jpeg and webp, from 0 to 100."
    )
    response_format: Literal["b64_json", "url"] | None = Field(default=None, description="b64_json when null.")
    background: Literal["auto", "opaque", "transparent"] | None = Field(
        default=None, description="Pictures are opaque: `transparent` is refused."
    )
    moderation: Literal["auto", "low"] | None = Field(
        default=None, description="The studio's rules hold for everybody: `low` is refused."
    )
    style: Literal["vivid", "natural"] | None = Field(default=None, description="Taken, without effect.")
    user: Annotated[str, Field(max_length=512)] | None = Field(default=None, description="Taken, without effect.")
    negative_prompt: Annotated[str, Field(max_length=PROMPT_BOUND), STORABLE] | None = None
    steps: Annotated[int, Field(ge=1, le=1000)] | None = None
    guidance: Annotated[float, Field(ge=0, le=50)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None

    @field_validator("size")
    @classmethod
    def _width_by_height(cls, value: str | None) -> str | None:
        if value is None or value == "auto":
            return value
        sides = _SIZE.fullmatch(value)
        if sides is None or not all(1 <= int(side) <= LONGEST_SIDE for side in sides.groups()):
            raise ValueError("Write the size as WIDTHxHEIGHT, such as 512x512, or “auto”.")
        return value

    @field_validator("partial_images")
    @classmethod
    def _only_in_a_stream(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value and not info.data.get("stream"):
            raise ValueError("Partial images come in a stream only: send “stream”: true with them.")
        return value

    @field_validator("output_compression")
    @classmethod
    def _png_loses_nothing(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value not in {None, 100} and info.data.get("output_format") in {None, "png"}:
            raise ValueError("PNG is never lossy: ask for jpeg or webp, or leave output_compression out.")
        return value

    @field_validator("response_format")
    @classmethod
    def _urls_are_of_files(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value == "url" and info.data.get("output_format") not in {None, "png"}:
            raise ValueError("Files are kept as PNG: ask for b64_json with another output_format.")
        if value == "url" and info.data.get("stream"):
            raise ValueError("A stream carries the images themselves: ask for b64_json.")
        return value

    @field_validator("background")
    @classmethod
    def _always_opaque(cls, value: str | None) -> str | None:
        if value == "transparent":
            raise ValueError("The models here make opaque pictures: ask for “opaque” or “auto”.")
        return value

    @field_validator("moderation")
    @classmethod
    def _same_for_all(cls, value: str | None) -> str | None:
        if value == "low":
            raise ValueError("This studio's rules hold for everybody: ask for “auto”, or leave it out.")
        return value

    @field_validator("prompt", "negative_prompt")
    @classmethod
    def _as_ours(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.field_name == "prompt" and not (value or "").strip():
            raise ValueError("The prompt is empty. Say what the picture should show, e.g. “a red rocket”.")
        return value

    @property
    def file_format(self) -> FileFormat:
        return self.output_format or "png"

    def for_easel(self, *, steps: int | None) -> GenerateRequest:
        """The same in Easel's words; `steps` is what `quality` and `steps` together mean."""
        sides = _SIZE.fullmatch(self.size or "")
        return GenerateRequest(
            prompt=self.prompt,
            negative_prompt=self.negative_prompt,
            model=self.model,
            width=int(sides[1]) if sides else None,
            height=int(sides[2]) if sides else None,
            steps=steps,
            guidance=self.guidance,
            seed=self.seed,
            num_images=self.n or 1,
        )


class OpenAIImage(Output):
    b64_json: str | None = None
    url: str | None = None
    seed: int = Field(description="Easel's own: the seed that makes this image again.")


class OpenAIImages(Output):
    created: int = Field(description="Seconds since 1970.")
    background: Literal["opaque"] = "opaque"
    output_format: FileFormat
    quality: Quality
    size: str
    data: list[OpenAIImage]


class OpenAIStreamEvent(Output):
    """The data of one event; `partial_image_index` is of partial images only."""

    type: Literal["image_generation.partial_image", "image_generation.completed"]
    b64_json: str
    created_at: int
    background: Literal["opaque"] = "opaque"
    output_format: FileFormat
    quality: Quality
    size: str
    partial_image_index: int | None = None


class OpenAIModel(Output):
    id: str
    object: Literal["model"] = "model"
    created: int = Field(description="Seconds since 1970; 0: not known.")
    owned_by: str


class OpenAIModelList(Output):
    object: Literal["list"] = "list"
    data: list[OpenAIModel]


class OpenAIErrorBody(Output):
    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(Output):
    error: OpenAIErrorBody
