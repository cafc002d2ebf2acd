"""The verifiers (residual trunks) and judges (separable trunks) of `emoji`.

Classifiers give logits; towers give unit vectors, whose product is the score (CLIP, arXiv:2103.00020; the text side
is a weighted bag of words without the concept's own token, so that free prompts and labels are treated alike).
`Features` learns without labels by VICReg (arXiv:2105.04906); only its trunk and first layer are kept.
"""

import torch
from torch import nn
from torch.nn import functional as F

from common.blocks import weighted_bag
from common.layers import Residual, Separable, normal

EMBEDDING = 128


class ResidualTrunk(nn.Module):
    def __init__(self, width: int = 40):
        super().__init__()
        self.width = 4 * width
        self.body = nn.Sequential(
            nn.Conv2d(3, width, 5, stride=2, padding=2, bias=False),
            normal(width),
            nn.ReLU(),
            Residual(width, width),
            Residual(width, 2 * width, stride=2),
            Residual(2 * width, 2 * width),
            Residual(2 * width, 4 * width, stride=2),
            Residual(4 * width, 4 * width),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x).mean(dim=(2, 3))


class SeparableTrunk(nn.Module):
    def __init__(self, width: int = 32):
        super().__init__()
        self.width = 6 * width
        self.body = nn.Sequential(
            nn.Conv2d(3, width, 4, stride=2, padding=1, bias=False),
            normal(width),
            nn.SiLU(),
            Separable(width, width),
            Separable(width, 2 * width, stride=2),
            Separable(2 * width, 2 * width),
            Separable(2 * width, 4 * width, stride=2),
            Separable(4 * width, 4 * width),
            nn.Conv2d(4 * width, 6 * width, 1, bias=False),
            normal(6 * width),
            nn.SiLU(),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x).mean(dim=(2, 3))


class ClassifierNet(nn.Module):
    """x [B,3,32,32] -> logits [B,classes]."""

    def __init__(self, trunk: nn.Module, classes: int):
        super().__init__()
        self.trunk = trunk
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(trunk.width, classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.trunk(x))


class ImageTower(nn.Module):
    """x [B,3,32,32] -> unit vectors [B,128]."""

    def __init__(self, trunk: nn.Module):
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(trunk.width, EMBEDDING)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return unit(self.head(self.trunk(x)).float())


class TextTower(nn.Module):
    """tokens int64 [B,W], weights float32 [B,W] -> unit vectors [B,128]."""

    def __init__(self, tokens: int):
        super().__init__()
        self.table = nn.Embedding(tokens, EMBEDDING)
        self.body = nn.Sequential(nn.Linear(EMBEDDING, 2 * EMBEDDING), nn.SiLU(), nn.Linear(2 * EMBEDDING, EMBEDDING))

    def forward(self, tokens: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        bag = weighted_bag(self.table(tokens), weights)
        return unit(bag + self.body(bag))


class Alignment(nn.Module):
    """Both towers and the scale of their product."""

    def __init__(self, trunk: nn.Module, tokens: int):
        super().__init__()
        self.image, self.text = ImageTower(trunk), TextTower(tokens)
        self.scale = nn.Parameter(torch.tensor(2.5))

    def forward(self, x: torch.Tensor, tokens: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        return self.scale.exp().clamp(max=50) * self.image(x) @ self.text(tokens, weights).T


class Features(nn.Module):
    """x [B,3,32,32] -> unit vectors [B,128]; `expand` serves the training only."""

    def __init__(self, trunk: nn.Module):
        super().__init__()
        self.trunk = trunk
        self.head = nn.Linear(trunk.width, EMBEDDING)
        self.expand = nn.Sequential(
            nn.BatchNorm1d(EMBEDDING), nn.ReLU(), nn.Linear(EMBEDDING, 512), nn.BatchNorm1d(512), nn.ReLU(),
            nn.Linear(512, 512),
        )  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return unit(self.head(self.trunk(x)).float())

    def expanded(self, x: torch.Tensor) -> torch.Tensor:
        return self.expand(self.head(self.trunk(x)).float())


def unit(x: torch.Tensor) -> torch.Tensor:
    return x / (x.square().sum(1, keepdim=True) + 1e-8).sqrt()


def vicreg(one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
    """Invariance, variance and covariance with the weights 25, 25, 1 of the paper."""
    loss = 25 * F.mse_loss(one, two)
    for z in (one, two):
        z = z - z.mean(0)
        loss = loss + 12.5 * F.relu(1 - (z.var(0) + 1e-4).sqrt()).mean()
        covariance = (z.T @ z) / (len(z) - 1)
        loss = loss + (covariance.square().sum() - covariance.diagonal().square().sum()) / z.shape[1]
    return loss
