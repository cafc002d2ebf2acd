"""Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747; MIT) from Debian's `dataset-fashion-mnist`."""

import gzip
import os
from pathlib import Path

import numpy as np
import torch

LABELS = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
]  # fmt: skip
NULL_LABEL = 10
SPLIT_SEED = 20260


def _read_idx(path: Path) -> np.ndarray:
    with gzip.open(path, "rb") as handle:
        data = handle.read()
    dimensions = data[3]
    shape = [int.from_bytes(data[4 + 4 * k : 8 + 4 * k], "big") for k in range(dimensions)]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def load(part: str) -> tuple[torch.Tensor, torch.Tensor]:
    """`part` is "train" (60,000) or "t10k" (10,000): uint8 pictures [N,1,28,28] and int64 labels [N]."""
    folder = Path(os.environ.get("FASHION_MNIST_DIR", "/usr/share/datasets/fashion-mnist"))
    images = _read_idx(folder / f"{part}-images-idx3-ubyte.gz")
    labels = _read_idx(folder / f"{part}-labels-idx1-ubyte.gz")
    return torch.from_numpy(images.copy()).unsqueeze(1), torch.from_numpy(labels.astype(np.int64))


def to_range(images: torch.Tensor) -> torch.Tensor:
    """uint8 to float32 in [-1, 1]."""
    return images.float() / 127.5 - 1


def halves(labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Index lists of two disjoint halves, each with half of every class: one per classifier."""
    generator = torch.Generator().manual_seed(SPLIT_SEED)
    first, second = [], []
    for label in range(len(LABELS)):
        members = torch.nonzero(labels == label).flatten()
        members = members[torch.randperm(len(members), generator=generator)]
        middle = len(members) // 2
        first.append(members[:middle])
        second.append(members[middle:])
    return torch.cat(first).sort().values, torch.cat(second).sort().values
