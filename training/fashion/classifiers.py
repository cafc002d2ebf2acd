"""The two classifiers of `fashion`: different in architecture, trained on different halves.

`classifier` (searched) is a residual network of 3x3 convolutions (arXiv:1512.03385). `judge` (held out) is built of
depthwise 5x5 convolutions with inverted bottlenecks and squeeze-and-excitation (arXiv:1801.04381, 1709.01507).
Both end in the mean over positions and a linear layer; input [B,1,28,28] in [-1,1], output logits [B,10].
"""

import torch
from torch import nn

from common.layers import Residual, Separable, normal


class Classifier(nn.Module):
    def __init__(self, width: int = 48):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, width, 5, stride=2, padding=2, bias=False),
            normal(width),
            nn.ReLU(),
            Residual(width, width),
            Residual(width, 2 * width, stride=2),
            Residual(2 * width, 2 * width),
        )
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(2 * width, 10))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x).mean(dim=(2, 3)))


class Judge(nn.Module):
    def __init__(self, width: int = 32):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, width, 4, stride=2, padding=1, bias=False),
            normal(width),
            nn.SiLU(),
            Separable(width, width),
            Separable(width, 2 * width, stride=2),
            Separable(2 * width, 2 * width),
            Separable(2 * width, 2 * width),
            nn.Conv2d(2 * width, 4 * width, 1, bias=False),
            normal(4 * width),
            nn.SiLU(),
        )
        self.head = nn.Sequential(nn.Dropout(0.2), nn.Linear(4 * width, 10))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x).mean(dim=(2, 3)))


BUILDERS = {"classifier": Classifier, "judge": Judge}
