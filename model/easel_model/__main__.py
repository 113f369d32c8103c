"""Command line: ``python -m easel_model --run RUN_DIR <step>``."""

import argparse
from pathlib import Path

import torch

from easel_model.concepts import ACCEPTANCE_PROMPTS

WEIGHTS = Path(__file__).resolve().parents[1] / "weights" / "easel-small"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="easel_model", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder for data and checkpoints")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads for torch")
    steps = parser.add_subparsers(dest="step", required=True)
    steps.add_parser("fetch", help="download the icon sets from npm")
    steps.add_parser("render", help="draw the icons at 128×128")
    steps.add_parser("views", help="paint the icons in every colour and compose scenes")
    autoencoder = steps.add_parser("train-autoencoder", help="train or resume the autoencoder")
    autoencoder.add_argument("--minutes", type=float, default=30, help="in all, with resumed time")
    autoencoder.add_argument("--start-from", type=Path, help="folder of one for half the size")
    decoder = steps.add_parser("tune-decoder", help="sharpen the decoder on frozen latents")
    decoder.add_argument("--minutes", type=float, default=30, help="in all, with resumed time")
    steps.add_parser("captions", help="precompute the states of all captions")
    steps.add_parser("cache", help="precompute the latents of all pictures")
    unet = steps.add_parser("train-unet", help="train or resume the UNet")
    unet.add_argument("--minutes", type=float, default=60, help="in all, with resumed time")
    steps.add_parser("train-judges", help="fit the two judges of the evaluation")
    adopting = steps.add_parser("adopt", help="begin a run with the weights of the repository")
    adopting.add_argument("--weights", type=Path, default=WEIGHTS)
    export = steps.add_parser("export", help="write the diffusers directory without the encoder")
    export.add_argument("--out", type=Path, default=WEIGHTS)
    sample = steps.add_parser("sample", help="make a contact sheet with an assembled model")
    sample.add_argument("--model", type=Path, required=True)
    sample.add_argument("--out", type=Path, required=True)
    sample.add_argument("--prompt", action="append", help="repeatable; default: acceptance prompts")
    sample.add_argument("--seeds", type=int, default=4)
    sample.add_argument("--steps", type=int)
    sample.add_argument("--guidance", type=float)
    evaluate = steps.add_parser("evaluate", help="score an assembled model")
    evaluate.add_argument("--model", type=Path, required=True)
    evaluate.add_argument("--prompts", type=int, default=1000)
    evaluate.add_argument("--seeds", type=int, default=4)
    evaluate.add_argument("--steps", type=int)
    evaluate.add_argument("--guidance", type=float)
    evaluate.add_argument(
        "--minutes", type=float, default=float("inf"), help="then judge what is drawn"
    )
    return parser


def main() -> None:
    """Run one step of the recipe."""
    arguments = _parser().parse_args()
    run: Path = arguments.run
    torch.set_num_threads(arguments.threads)
    run.mkdir(parents=True, exist_ok=True)

    # Imported late: fetching needs no torch models, sampling no renderer.
    match arguments.step:
        case "fetch":
            from easel_model import icons

            icons.fetch(run)
        case "render":
            from easel_model import icons

            icons.render(run)
        case "views":
            from easel_model import views

            views.build(run)
        case "train-autoencoder":
            from easel_model import autoencoder

            autoencoder.train(run, arguments.minutes, start_from=arguments.start_from)
        case "tune-decoder":
            from easel_model import decoder

            decoder.tune(run, arguments.minutes)
        case "captions":
            from easel_model import cache

            cache.encode_captions(run)
        case "cache":
            from easel_model import cache

            cache.build(run)
        case "train-unet":
            from easel_model import unet

            unet.train(run, arguments.minutes)
        case "train-judges":
            from easel_model import judge

            for kind in (judge.INDEPENDENT, judge.FAMILIAR):
                judge.train(run, kind)
        case "adopt":
            from easel_model import adopt

            adopt.adopt(arguments.weights, run)
        case "export":
            from easel_model import export

            export.export(run, arguments.out)
        case "sample":
            from easel_model import export, sampling

            sampling.sample(
                arguments.model,
                arguments.out,
                arguments.prompt or ACCEPTANCE_PROMPTS,
                arguments.seeds,
                arguments.steps or export.DEFAULT_STEPS,
                arguments.guidance or export.DEFAULT_GUIDANCE,
            )
        case "evaluate":
            from easel_model import answers, evaluate, export

            settings = answers.Settings(
                arguments.seeds,
                arguments.steps or export.DEFAULT_STEPS,
                arguments.guidance or export.DEFAULT_GUIDANCE,
            )
            evaluate.evaluate(run, arguments.model, arguments.prompts, settings, arguments.minutes)


if __name__ == "__main__":
    main()
