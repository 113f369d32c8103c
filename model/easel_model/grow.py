"""Start the autoencoder from one for half the size.

Version 0.1 was trained on 64×64; its inner layers mean the same here, where
one more level lies outside of them.
"""

import torch
from diffusers import AutoencoderTiny
from torch import nn


@torch.no_grad()
def grow(small: AutoencoderTiny, large: AutoencoderTiny) -> None:
    """Copy ``small``'s layers into ``large``, which has one level more.

    The new first two layers of the encoder together do what the old first one
    did to a halved picture. Blocks that the small one lacks begin as the
    identity; the decoder's new last level keeps its random start.
    """
    old, new = list(small.encoder.layers), list(large.encoder.layers)
    _halving(old[0], new[0], new[1])
    _copy_levels(_levels(old[1:], opens=True), _levels(new[2:], opens=True))
    old, new = list(small.decoder.layers), list(large.decoder.layers)
    new[0].load_state_dict(old[0].state_dict())
    # What follows the last copied up-convolution was the way to pixels: left out.
    _copy_levels(_levels(old[2:], opens=False)[:3], _levels(new[2:], opens=False)[:3])


def _levels(layers: list[nn.Module], opens: bool) -> list[list[nn.Module]]:
    """Split into levels at convolutions, which open (encoder) or close (decoder) one."""
    levels: list[list[nn.Module]] = [[]]
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            if opens:
                levels.append([layer])
            else:
                levels[-1].append(layer)
                levels.append([])
        elif not isinstance(layer, nn.Upsample):
            levels[-1].append(layer)
    return [level for level in levels if level]


def _copy_levels(old: list[list[nn.Module]], new: list[list[nn.Module]]) -> None:
    for before, after in zip(old, new, strict=True):
        convolutions = [layer for layer in before if isinstance(layer, nn.Conv2d)]
        blocks = [layer for layer in before if not isinstance(layer, nn.Conv2d)]
        for layer in after:
            if isinstance(layer, nn.Conv2d):
                layer.load_state_dict(convolutions.pop(0).state_dict())
            elif blocks:
                layer.load_state_dict(blocks.pop(0).state_dict())
            else:
                last = [part for part in layer.modules() if isinstance(part, nn.Conv2d)][-1]
                for parameter in last.parameters():
                    parameter.zero_()


def _halving(old: nn.Conv2d, first: nn.Conv2d, second: nn.Conv2d) -> None:
    """Make ``second(first(x))`` about ``old(average of 2×2 of x)``.

    ``first`` lays each colour's nine neighbours side by side; ``second`` then
    weighs 5×5 pixels, of the old filter's 6×6.
    """
    first.weight.mul_(0.1)
    second.weight.mul_(0.1)
    first.weight[:28].zero_()
    bias = torch.zeros(len(first.weight))
    bias[27] = 1
    first.bias = nn.Parameter(bias)
    second.weight[:, :28].zero_()
    for colour in range(3):
        for place in range(9):
            first.weight[colour * 9 + place, colour, place // 3, place % 3] = 1
    if old.bias is not None:
        second.weight[:, 27, 1, 1] = old.bias
    for row in range(3):
        for column in range(3):
            for down, high in _taps(row):
                for right, wide in _taps(column):
                    step_down, step_right = max(-1, min(1, down)), max(-1, min(1, right))
                    place = (down - step_down + 1) * 3 + right - step_right + 1
                    for colour in range(3):
                        second.weight[:, colour * 9 + place, step_down + 1, step_right + 1] += (
                            high * wide * old.weight[:, colour, row, column]
                        )


def _taps(place: int) -> list[tuple[int, float]]:
    """Offsets in fine pixels of one coarse tap, with weights that sum to one."""
    return [[(-2, 0.5), (-1, 0.5)], [(0, 0.5), (1, 0.5)], [(2, 1.0)]][place]
