"""The denoiser of `fashion`: a small UNet at 28, 14 and 7 pixels that predicts the flow's velocity.

Residual blocks with FiLM (ADM, arXiv:2105.05233), group norm, SiLU, one attention at 7x7. Flow matching with
x_t = (1-t) x0 + t eps and v = eps - x0 (the sign of SD3, arXiv:2403.03206).
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from common.blocks import Attention, Block, Norm, upsample
from fashion.data import NULL_LABEL


class Denoiser(nn.Module):
    """v(x [B,1,28,28], t [B], y [B]); y = 10 is the null class."""

    def __init__(self, widths: tuple[int, int, int] = (32, 64, 128), condition: int = 128):
        super().__init__()
        a, b, c = widths
        self.register_buffer("frequencies", torch.exp(torch.linspace(0, math.log(1000), 32)))
        self.time = nn.Sequential(nn.Linear(64, condition), nn.SiLU(), nn.Linear(condition, condition))
        self.label = nn.Embedding(NULL_LABEL + 1, condition)
        self.merge = nn.Sequential(nn.SiLU(), nn.Linear(condition, condition), nn.SiLU())
        self.stem = nn.Conv2d(1, a, 3, padding=1)
        self.enc28 = Block(a, a, condition)
        self.down14 = nn.Conv2d(a, b, 3, stride=2, padding=1)
        self.enc14 = nn.ModuleList([Block(b, b, condition) for _ in range(2)])
        self.down7 = nn.Conv2d(b, c, 3, stride=2, padding=1)
        self.mid7 = nn.ModuleList([Block(c, c, condition) for _ in range(4)])
        self.attend = nn.ModuleList([Attention(c, 4) for _ in range(2)])
        self.up14 = upsample(c, b)
        self.dec14 = nn.ModuleList([Block(2 * b, b, condition), Block(b, b, condition)])
        self.up28 = upsample(b, a)
        self.dec28 = nn.ModuleList([Block(2 * a, a, condition)])
        self.norm = Norm(a)
        self.head = nn.Conv2d(a, 1, 3, padding=1)
        nn.init.normal_(self.label.weight, std=0.5)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def condition(self, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        angles = t[:, None] * self.frequencies[None]
        return self.merge(self.time(torch.cat([angles.sin(), angles.cos()], dim=1)) + self.label(y))

    def forward(self, x: torch.Tensor, t: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        e = self.condition(t, y)
        h28 = self.enc28(self.stem(x), e)
        h14 = self.down14(h28)
        for block in self.enc14:
            h14 = block(h14, e)
        h = self.down7(h14)
        h = self.attend[0](self.mid7[1](self.mid7[0](h, e), e))
        h = self.mid7[3](self.attend[1](self.mid7[2](h, e)), e)
        h = torch.cat([self.up14(h), h14], dim=1)
        for block in self.dec14:
            h = block(h, e)
        h = torch.cat([self.up28(h), h28], dim=1)
        for block in self.dec28:
            h = block(h, e)
        return self.head(F.silu(self.norm(h))).float()
