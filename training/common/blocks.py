"""Building blocks of the denoisers: group norm, a residual block with FiLM, self-attention, upsampling.

After ADM (arXiv:2105.05233). Everything is written as plain operations that export to ONNX and give the same bytes
for a sample whatever its batch.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


class Norm(nn.GroupNorm):
    """Group norm of 16 channels a group, computed in float32 under autocast."""

    def __init__(self, channels: int):
        super().__init__(max(1, channels // 16), channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.group_norm(x.float(), self.num_groups, self.weight, self.bias, self.eps)


class Block(nn.Module):
    """Two 3x3 convolutions with a residual path; the condition scales and shifts between them."""

    def __init__(self, inputs: int, outputs: int, condition: int):
        super().__init__()
        self.norm_in, self.norm_out = Norm(inputs), Norm(outputs)
        self.conv_in = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv_out = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.film = nn.Linear(condition, 2 * outputs)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, x: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        scale, shift = self.film(condition)[:, :, None, None].chunk(2, dim=1)
        h = self.conv_in(F.silu(self.norm_in(x)))
        h = self.conv_out(F.silu(self.norm_out(h) * (1 + scale) + shift))
        return self.skip(x) + h


class Attention(nn.Module):
    """Self-attention over the positions, written as plain products so that it exports as such."""

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norm = Norm(channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _, channels, height, width = x.shape
        size = channels // self.heads
        qkv = self.qkv(self.norm(x)).reshape(-1, 3 * self.heads, size, height * width)
        q, k, v = qkv.chunk(3, dim=1)
        weights = ((q.transpose(2, 3) @ k) / math.sqrt(size)).softmax(dim=-1)
        h = (v @ weights.transpose(2, 3)).reshape(-1, channels, height, width)
        return x + self.out(h)


def upsample(inputs: int, outputs: int) -> nn.Sequential:
    """Twice the size: a 1x1 convolution and a pixel shuffle."""
    return nn.Sequential(nn.Conv2d(inputs, 4 * outputs, 1), nn.PixelShuffle(2))


class Frequencies(nn.Module):
    """Sines and cosines of the flow level."""

    def __init__(self, count: int, highest: float = 1000.0):
        super().__init__()
        self.register_buffer("values", torch.exp(torch.linspace(0, math.log(highest), count)), persistent=False)

    def forward(self, t: torch.Tensor) -> torch.Tensor:
        angles = t[:, None] * self.values[None]
        return torch.cat([angles.sin(), angles.cos()], dim=1)


def weighted_bag(vectors: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Sum of [B,W,D] weighted by [B,W], divided by the weights' length; zero where all weights are.

    Written as products, not sums: the runtime's sum over the middle axis takes another path for a batch of one and
    then differs in the last bit. In float32 also under autocast.
    """
    with torch.autocast("cpu", enabled=False):
        row = weights.float()[:, None, :]
        length = (row @ row.transpose(1, 2) + 1e-6).sqrt()
        return ((row @ vectors.float()) / length)[:, 0]
