"""A real diffusers pipeline of the shipped model's architecture, with random weights and a vocabulary of a few words.

Its pictures are noise, but every part is real: tests and tools that need a model in a second use it::

    python -m tests.support.tiny_model DIRECTORY
"""

from __future__ import annotations

import json
import string
import sys
from pathlib import Path

LATENT_SIDE = 8
LATENT_CHANNELS = 4
TEXT_WIDTH = 32
TOKENS = 16
WORDS = ("a", "red", "blue", "green", "rocket", "heart", "cat", "house", "of", "the", "blurry", "##s")


def make_tiny_model(directory: Path, *, seed: int = 0) -> Path:
    """Save the pipeline and its `easel.json` (64x64 pixels, 3 MB); the same seed gives the same weights."""
    import torch
    from diffusers import AutoencoderTiny, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import BertConfig, BertModel, BertTokenizer

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *string.ascii_lowercase[1:], *string.digits]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        pipeline = StableDiffusionPipeline(
            tokenizer=BertTokenizer(
                vocab={word: number for number, word in enumerate(vocabulary)}, model_max_length=TOKENS
            ),
            text_encoder=BertModel(
                BertConfig(
                    vocab_size=len(vocabulary),
                    hidden_size=TEXT_WIDTH,
                    num_hidden_layers=1,
                    num_attention_heads=2,
                    intermediate_size=64,
                    max_position_embeddings=TOKENS,
                    use_attention_mask=True,
                ),
                add_pooling_layer=False,
            ),
            unet=UNet2DConditionModel(
                sample_size=LATENT_SIDE,
                in_channels=LATENT_CHANNELS,
                out_channels=LATENT_CHANNELS,
                block_out_channels=(32, 64),
                layers_per_block=1,
                down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
                up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
                cross_attention_dim=TEXT_WIDTH,
                attention_head_dim=16,
                norm_num_groups=8,
                resnet_time_scale_shift="scale_shift",
            ),
            vae=AutoencoderTiny(
                encoder_block_out_channels=(16, 16, 16, 16),
                decoder_block_out_channels=(16, 16, 16, 16),
                num_encoder_blocks=(1, 1, 1, 1),
                num_decoder_blocks=(1, 1, 1, 1),
                latent_channels=LATENT_CHANNELS,
            ),
            scheduler=DDIMScheduler(
                beta_schedule="squaredcos_cap_v2",
                prediction_type="v_prediction",
                timestep_spacing="trailing",
                clip_sample=False,
                set_alpha_to_one=False,
                steps_offset=1,
            ),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
    # In half precision, as the shipped model is: whoever loads it without saying a type mixes half and float.
    pipeline.unet.half()
    pipeline.vae.half()
    pipeline.save_pretrained(directory)
    card = {
        "id": "tiny",
        "name": "Tiny test model",
        "default_steps": 4,
        "default_guidance": 4.0,
        "max_steps": 200,
        "max_images": 8,
        "min_width": 32,
        "max_width": 128,
        "min_height": 32,
        "max_height": 128,
        "multiple_of": 8,
    }
    (directory / "easel.json").write_text(json.dumps(card, indent=2) + "\n")
    return directory


if __name__ == "__main__":
    sys.stdout.write(f"{make_tiny_model(Path(sys.argv[1]).absolute())}\n")
