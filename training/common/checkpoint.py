"""Checkpoints that a killed process can't damage, and a pause that anyone can ask for."""

import os
import time
from pathlib import Path

import torch

from common.workdir import work_root


def save_checkpoint(state: dict, path: Path) -> None:
    """Write to a temporary name, flush to disk, then rename: the old file stays whole until the new one is."""
    temporary = path.with_suffix(path.suffix + ".tmp")
    with open(temporary, "wb") as handle:
        torch.save(state, handle)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(temporary, path)


def load_checkpoint(path: Path) -> dict | None:
    """The stored state, or None when the run hasn't saved one yet."""
    return torch.load(path, map_location="cpu", weights_only=False) if path.exists() else None


def wait_while_paused() -> float:
    """Sleep while a file `PAUSE` lies in the work root; returns the seconds slept."""
    flag = work_root() / "PAUSE"
    start = time.monotonic()
    while flag.exists():
        time.sleep(1.0)
    return time.monotonic() - start


class Average:
    """Exponential moving average of a module's parameters, ramped up so that early steps don't linger."""

    def __init__(self, module: torch.nn.Module, decay: float):
        self.decay = decay
        self.steps = 0
        self.values = {name: value.detach().clone() for name, value in module.state_dict().items()}

    @torch.no_grad()
    def update(self, module: torch.nn.Module) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, value in module.state_dict().items():
            if value.dtype.is_floating_point:
                self.values[name].lerp_(value, 1 - decay)
            else:
                self.values[name].copy_(value)

    def state(self) -> dict:
        return {"steps": self.steps, "values": self.values}

    def restore(self, state: dict) -> None:
        self.steps = state["steps"]
        for name, value in state["values"].items():
            self.values[name].copy_(value)
