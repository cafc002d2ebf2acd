"""Layers of the verifiers and judges: two families of image networks, so that their faults differ.

`Residual`: two 3x3 convolutions (arXiv:1512.03385). `Separable`: an inverted bottleneck with a depthwise 5x5
convolution and squeeze-and-excitation (arXiv:1801.04381, arXiv:1709.01507).
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
