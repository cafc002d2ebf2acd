"""Euler sampling of `emoji` in Python: for contact sheets and measurements, never used by the extension."""

import torch

from emoji.caption import Captions
from emoji.data import EmojiSet

STEPS = 16
SHEET = [
    "red apple", "pizza", "grinning face", "blue heart", "cat face", "rocket", "soccer ball", "octopus", "cactus",
    "house", "bicycle", "automobile", "birthday cake", "snowman", "guitar", "crown", "tropical fish", "sunflower",
]  # fmt: skip


def sheet_prompts(data: EmojiSet) -> tuple[list[str], torch.Tensor, torch.Tensor]:
    """Titles, and concept and style of every cell: one row a concept, one column a style."""
    number = {label: k for k, label in enumerate(data.labels)}
    prompts = [label for label in SHEET if label in number]
    styles = len(data.styles)
    concepts = torch.tensor([number[label] for label in prompts]).repeat_interleave(styles)
    return prompts, concepts, torch.arange(styles).repeat(len(prompts))


def grid(steps: int, shift: float = 1.0) -> list[float]:
    """Flow levels from 1 to 0; a shift above 1 spends more steps at high noise (SD3, arXiv:2403.03206)."""
    even = torch.linspace(1, 0, steps + 1)
    return (shift * even / (1 + (shift - 1) * even)).tolist()


@torch.no_grad()
def euler(
    model, captions: Captions, concepts, styles, steps: int, guidance: float, seed: int, shift: float = 1.0
) -> torch.Tensor:
    """One picture per (concept, style); row k of the noise is the same for equal seeds."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(len(concepts), 3, 32, 32, generator=generator)
    levels = grid(steps, shift)
    finished = []
    for part in torch.arange(len(concepts)).split(32):
        tokens, weights = captions.plain(concepts[part])
        text, free_text = model.text(tokens, weights), model.text(*captions.nothing(len(part))[:2])
        free_style = captions.nothing(len(part))[2]
        x = noise[part]
        for now, then in zip(levels, levels[1:], strict=False):
            t = torch.full((len(part),), now)
            v = model.denoiser(x, t, text, styles[part])
            if guidance != 1:
                free = model.denoiser(x, t, free_text, free_style)
                v = free + guidance * (v - free)
            x = x + (then - now) * v
        finished.append(x)
    return torch.cat(finished)
