"""Random changes to pictures in [-1,1] on white, so that verifiers judge what is drawn and not its pixels."""

import torch
from torch.nn import functional as F


def _uniform(count: int, low: float, high: float, generator: torch.Generator) -> torch.Tensor:
    return low + (high - low) * torch.rand(count, 1, 1, 1, generator=generator)


def moved(images: torch.Tensor, strength: float, mirror: float, generator: torch.Generator) -> torch.Tensor:
    """Scale, turn, shift, and mirror with probability `mirror`; what comes in from outside is white."""
    count = len(images)
    scale = _uniform(count, 1 - 0.15 * strength, 1 + 0.15 * strength, generator).flatten()
    angle = _uniform(count, -0.2 * strength, 0.2 * strength, generator).flatten()
    dx, dy = (0.2 * strength * (torch.rand(2, count, generator=generator) - 0.5)).unbind()
    flip = torch.where(torch.rand(count, generator=generator) < mirror, -1.0, 1.0)
    cosine, sine = angle.cos() * scale, angle.sin() * scale
    rows = [torch.stack([cosine * flip, -sine, dx], 1), torch.stack([sine * flip, cosine, dy], 1)]
    grid = F.affine_grid(torch.stack(rows, 1), list(images.shape), align_corners=False)
    return F.grid_sample(images - 1, grid, align_corners=False) + 1


def recoloured(images: torch.Tensor, strength: float, generator: torch.Generator) -> torch.Tensor:
    """Brightness, contrast, saturation and a gain per channel."""
    count = len(images)
    grey = images.mean(1, keepdim=True)
    images = grey + (images - grey) * _uniform(count, 1 - 0.4 * strength, 1 + 0.4 * strength, generator)
    gain = 1 + 0.15 * strength * (2 * torch.rand(count, 3, 1, 1, generator=generator) - 1)
    shade = _uniform(count, 1 - 0.2 * strength, 1 + 0.2 * strength, generator)
    return ((images - 1) * gain * shade + 1).clamp(-1, 1)


def worn(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """The faults of few-step samples: blur on a third, noise of up to .2, an erased patch on a quarter."""
    count = len(images)
    row = torch.tensor([1.0, 2.0, 1.0]) / 4
    kernel = (row[:, None] * row[None]).expand(3, 1, 3, 3)
    blurred = F.conv2d(F.pad(images, (1, 1, 1, 1), mode="replicate"), kernel, groups=3)
    images = torch.where(_uniform(count, 0, 1, generator) < 1 / 3, blurred, images)
    images = images + _uniform(count, 0, 0.2, generator) * torch.randn(images.shape, generator=generator)
    size = images.shape[-1]
    top, left = torch.randint(0, size - 6, (2, count, 1, 1, 1), generator=generator)
    place = torch.arange(size)
    inside = ((place[:, None] - top) // 8 == 0) & ((place[None] - left) // 8 == 0)
    erase = _uniform(count, 0, 1, generator) < 0.25
    fill = 2 * torch.rand(count, 3, 1, 1, generator=generator) - 1
    return torch.where(inside & erase, fill, images).clamp(-1, 1)


def changed(images: torch.Tensor, strength: float, mirror: float, generator: torch.Generator) -> torch.Tensor:
    """All of the above."""
    images = moved(images, strength, mirror, generator)
    return worn(recoloured(images, strength, generator), generator)
