"""Pipelines that can be run in three parts, so that one batch's words and pictures overlap another's steps.

Reading the words and decoding the latents are the pipeline's own methods and modules, called as the pipeline calls them
(`StableDiffusionPipeline.__call__`); the pictures are the same to the last bit. One that we don't know is run whole.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import torch
from PIL import Image

from app.engine.protocol import ImageRequest

KNOWN_PIPELINES = frozenset({"StableDiffusionPipeline"})
REMEMBERED_TEXTS = 256
"""77 × 768 numbers each for Stable Diffusion: 60 MB when full, a hundredth of that for the shipped model."""


@dataclass(frozen=True, slots=True)
class Words:
    """Embeddings of shape (images, tokens, width)."""

    prompts: torch.Tensor
    negatives: torch.Tensor

    def arguments(self, part: slice) -> dict[str, torch.Tensor]:
        return {"prompt_embeds": self.prompts[part], "negative_prompt_embeds": self.negatives[part]}


def parts_of(pipeline: Any) -> PipelineParts | None:
    """None for a pipeline that can only be run as a whole, as one whose safety checker looks at the pictures."""
    if type(pipeline).__name__ not in KNOWN_PIPELINES or getattr(pipeline, "safety_checker", None) is not None:
        return None
    return PipelineParts(pipeline)


class PipelineParts:
    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self._known: OrderedDict[str, torch.Tensor] = OrderedDict()
        self._lock = Lock()

    def read(self, images: Sequence[ImageRequest]) -> Words:
        """Texts that were read before, as the empty negative prompt nearly always was, are not read again."""
        with self._lock:
            prompts = [image.prompt for image in images]
            negatives = [image.negative_prompt or "" for image in images]
            self._read_unknown(dict.fromkeys([*prompts, *negatives]))
            words = Words(self._rows(prompts), self._rows(negatives))
            while len(self._known) > REMEMBERED_TEXTS:
                self._known.popitem(last=False)
            return words

    def decode(self, latents: torch.Tensor) -> list[Image.Image]:
        pipeline = self._pipeline
        decoded = pipeline.vae.decode(latents / pipeline.vae.config.scaling_factor, return_dict=False)[0]
        pictures: list[Image.Image] = pipeline.image_processor.postprocess(
            decoded, output_type="pil", do_denormalize=[True] * len(latents)
        )
        return [picture.convert("RGB") for picture in pictures]

    def _read_unknown(self, texts: dict[str, None]) -> None:
        unknown = [text for text in texts if text not in self._known]
        if not unknown:
            return
        embeddings, _ = self._pipeline.encode_prompt(
            unknown, self._pipeline.device, num_images_per_prompt=1, do_classifier_free_guidance=False
        )
        # Each in memory of its own: a row of the batch would keep the whole batch alive.
        self._known.update({text: row.clone() for text, row in zip(unknown, embeddings, strict=True)})

    def _rows(self, texts: Sequence[str]) -> torch.Tensor:
        for text in texts:
            self._known.move_to_end(text)
        return torch.stack([self._known[text] for text in texts])
