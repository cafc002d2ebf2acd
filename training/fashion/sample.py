"""Euler sampling of `fashion` in Python: for contact sheets and for measuring, never used by the extension."""

import torch

from fashion.data import NULL_LABEL


@torch.no_grad()
def euler(model, labels: torch.Tensor, steps: int, guidance: float, seed: int, batch: int = 50) -> torch.Tensor:
    """One picture per label from noise of `seed`; equal steps from t = 1 to 0, classifier-free guidance."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn(len(labels), 1, 28, 28, generator=generator)
    grid = torch.linspace(1, 0, steps + 1).tolist()
    finished = []
    for x, y in zip(noise.split(batch), labels.split(batch), strict=True):
        null = torch.full_like(y, NULL_LABEL)
        for now, then in zip(grid, grid[1:], strict=False):
            t = torch.full((len(y),), now)
            v = model(x, t, y)
            if guidance != 1:
                free = model(x, t, null)
                v = free + guidance * (v - free)
            x = x + (then - now) * v
        finished.append(x)
    return torch.cat(finished)
