"""Captions as token lists: label words, tag words and the concept's own token, with weights and dropout.

Weights: label word 1, tag .3, concept 1. In training every label word is kept with probability .9, every tag with .6,
the concept's token with .7; text and style are both dropped for a tenth, each alone for .03 (classifier-free
guidance, arXiv:2207.12598).
"""

import torch

from emoji.data import EmojiSet
from emoji.unet import STYLES

WIDTH = 24
WEIGHTS = (1.0, 0.3, 1.0)
KEEP = (0.9, 0.6, 0.7)


class Captions:
    """Token and weight tables of every concept; token 0 pads, then the words, then the concepts."""

    def __init__(self, data: EmojiSet):
        self.words = data.words
        names = [*self.words, *(f"concept {label}" for label in data.labels)]
        self.number = {name: k + 1 for k, name in enumerate(names)}
        self.size = 1 + len(names)
        number = self.number
        count = len(data.concepts)
        self.tokens = torch.zeros(count, WIDTH, dtype=torch.int64)
        self.kind = torch.full((count, WIDTH), -1)
        for row, concept in enumerate(data.concepts):
            entries = [(1 + len(self.words) + row, 2)]
            entries += [(number[word], 0) for word in concept["words"]]
            entries += [(number[word], 1) for word in concept["tags"]]
            for column, (token, kind) in enumerate(entries[:WIDTH]):
                self.tokens[row, column] = token
                self.kind[row, column] = kind
        present = self.kind >= 0
        self.weights = torch.where(present, torch.tensor(WEIGHTS)[self.kind.clamp(min=0)], 0.0)
        self.keep = torch.where(present, torch.tensor(KEEP)[self.kind.clamp(min=0)], 0.0)

    def plain(self, concept: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What a prompt that is just the label gives: label words and the concept's token, no tags."""
        kind = self.kind[concept]
        return self.tokens[concept], torch.where(kind == 1, 0.0, self.weights[concept])

    def dropped(self, concept, style, generator) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Tokens, weights and styles for a training batch."""
        count = len(concept)
        kept = torch.rand(count, WIDTH, generator=generator) < self.keep[concept]
        weights = self.weights[concept] * kept
        u = torch.rand(count, generator=generator)
        weights = weights * ~((u < 0.10) | ((u >= 0.10) & (u < 0.13)))[:, None]
        style = torch.where((u < 0.10) | ((u >= 0.13) & (u < 0.16)), torch.tensor(STYLES), style)
        return self.tokens[concept], weights, style

    def nothing(self, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The unconditional input."""
        return (
            torch.zeros(count, WIDTH, dtype=torch.int64),
            torch.zeros(count, WIDTH),
            torch.full((count,), STYLES),
        )
