"""The sampler `emoji`: a text encoder (weighted bag of words) and a UNet at 32, 16, 8 and 4 pixels.

Flow matching with x_t = (1-t) x0 + t eps, v = eps - x0 (the sign of SD3, arXiv:2403.03206). Token 0 is padding; the
table holds the words first and one token per concept after them. Style `STYLES` (9) is "none given".
"""

import torch
from torch import nn
from torch.nn import functional as F

from common.blocks import Attention, Block, Frequencies, Norm, upsample, weighted_bag

STYLES = 9
TEXT = 128
CONDITION = 256


class TextEncoder(nn.Module):
    """tokens int64 [B,W], weights float32 [B,W] (0 for padding) -> text [B,256]. No words give the null text."""

    def __init__(self, tokens: int):
        super().__init__()
        self.table = nn.Embedding(tokens, TEXT)
        self.body = nn.Sequential(nn.Linear(TEXT, CONDITION), nn.SiLU(), nn.Linear(CONDITION, CONDITION))
        nn.init.normal_(self.table.weight, std=1.0)

    def forward(self, tokens: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        return self.body(weighted_bag(self.table(tokens), weights))


class Level(nn.Module):
    """A learned position map, then blocks, each followed by attention where asked for."""

    def __init__(self, inputs: int, width: int, size: int, blocks: int, attend: bool):
        super().__init__()
        self.position = nn.Parameter(torch.zeros(1, inputs, size, size))
        widths = [inputs] + [width] * blocks
        self.blocks = nn.ModuleList(Block(a, width, CONDITION) for a in widths[:-1])
        self.attend = nn.ModuleList(Attention(width, 4) if attend else nn.Identity() for _ in range(blocks))

    def forward(self, x: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        h = x + self.position
        for block, attend in zip(self.blocks, self.attend, strict=True):
            h = attend(block(h, condition))
        return h


class Denoiser(nn.Module):
    """v(x [B,3,32,32], t [B], text [B,256], style [B])."""

    def __init__(self, widths=(32, 48, 96, 192), blocks=(1, 2, 2, 3), attend_at: int = 2, size: int = 32):
        super().__init__()
        self.frequencies = Frequencies(32)
        self.time = nn.Sequential(nn.Linear(64, CONDITION), nn.SiLU(), nn.Linear(CONDITION, CONDITION))
        self.style = nn.Embedding(STYLES + 1, CONDITION)
        self.merge = nn.Sequential(nn.SiLU(), nn.Linear(CONDITION, CONDITION), nn.SiLU())
        nn.init.normal_(self.style.weight, std=0.5)
        last = len(widths) - 1
        sizes = [size >> level for level in range(last + 1)]
        self.stem = nn.Conv2d(3, widths[0], 3, padding=1)
        self.down = nn.ModuleList()
        self.encode = nn.ModuleList()
        for level in range(last + 1):
            width, attend = widths[level], level == attend_at
            before = widths[max(0, level - 1)]
            self.down.append(nn.Conv2d(before, width, 3, stride=2, padding=1) if level else nn.Identity())
            self.encode.append(Level(width, width, sizes[level], blocks[level], attend))
        self.up, self.decode = nn.ModuleList(), nn.ModuleList()
        for level in range(last - 1, -1, -1):
            width = widths[level]
            self.up.append(upsample(widths[level + 1], width))
            self.decode.append(Level(2 * width, width, sizes[level], blocks[level], level == attend_at))
        self.norm = Norm(widths[0])
        self.head = nn.Conv2d(widths[0], 3, 3, padding=1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: torch.Tensor, t: torch.Tensor, text: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        condition = self.merge(self.time(self.frequencies(t)) + text + self.style(style))
        h, kept = self.stem(x), []
        for down, encode in zip(self.down, self.encode, strict=True):
            h = encode(down(h), condition)
            kept.append(h)
        kept.pop()
        for up, decode in zip(self.up, self.decode, strict=True):
            h = decode(torch.cat([up(h), kept.pop()], dim=1), condition)
        return self.head(F.silu(self.norm(h))).float()


class Sampler(nn.Module):
    """Text encoder and denoiser together, as they are trained."""

    def __init__(self, tokens: int, **shape):
        super().__init__()
        self.text = TextEncoder(tokens)
        self.denoiser = Denoiser(**shape)

    def forward(self, x, t, tokens, weights, style):
        return self.denoiser(x, t, self.text(tokens, weights), style)
