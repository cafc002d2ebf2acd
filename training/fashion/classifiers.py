"""The two classifiers of `fashion`: different in architecture, trained on different halves.

`classifier` (searched) is a residual network of 3x3 convolutions (arXiv:1512.03385). `judge` (held out) is built of
depthwise 5x5 convolutions with inverted bottlenecks and squeeze-and-excitation (arXiv:1801.04381, 1709.01507).
Both end in the mean over positions and a linear layer; input [B,1,28,28] in [-1,1], output logits [B,10].
"""

import torch
from torch import nn


def normal(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, momentum=0.05)


class Residual(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
            normal(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            normal(outputs),
        )
        change = inputs != outputs or stride != 1
        self.skip = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), normal(outputs))
            if change
            else nn.Identity()
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.skip(x) + self.body(x))


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


class Separable(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int = 1):
        super().__init__()
        inner = 3 * inputs
        self.expand = nn.Sequential(nn.Conv2d(inputs, inner, 1, bias=False), normal(inner), nn.SiLU())
        self.depth = nn.Sequential(
            nn.Conv2d(inner, inner, 5, stride=stride, padding=2, groups=inner, bias=False), normal(inner), nn.SiLU()
        )
        self.squeeze = nn.Sequential(
            nn.Linear(inner, inner // 8), nn.SiLU(), nn.Linear(inner // 8, inner), nn.Sigmoid()
        )
        self.project = nn.Sequential(nn.Conv2d(inner, outputs, 1, bias=False), normal(outputs))
        self.same = inputs == outputs and stride == 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = self.depth(self.expand(x))
        h = self.project(h * self.squeeze(h.mean(dim=(2, 3)))[:, :, None, None])
        return x + h if self.same else h


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
