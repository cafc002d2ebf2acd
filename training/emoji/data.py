"""The emoji set in memory: pictures, concepts, styles, the word table, the split.

The whole set has 1,644 concepts, too many for a small network and two cores: after 409,600 pictures hearts and faces
were clear, and most other prompts a blur. `known` narrows it to what people know best, and that is what the shipped
sampler, verifiers and judges know.
"""

import json
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from common.workdir import work_folder

KNOWN_STYLES = 8  # of nine
UNKNOWN = {
    *{"alphanum", "arrow", "av-symbol", "currency", "family", "gender", "geometric", "keycap", "mail", "math", "office"},
    *{"other-symbol", "punctuation", "religion", "time", "transport-sign", "warning", "zodiac"},
}


@dataclass
class EmojiSet:
    """What `build.mjs` wrote, and what `split.py` added."""

    size: int
    styles: list[dict]
    concepts: list[dict]
    pixels: torch.Tensor  # uint8 [N, size, size, 3]
    concept: torch.Tensor  # int64 [N]
    style: torch.Tensor  # int64 [N]
    role: np.ndarray | None  # "a", "b" or "held" per picture

    @classmethod
    def load(cls, size: int = 32) -> "EmojiSet":
        folder = work_folder("emoji")
        index = json.loads((folder / "index.json").read_text())
        raw = np.fromfile(folder / f"emoji{size}.u8", np.uint8).reshape(-1, size, size, 3)
        pairs = torch.tensor(index["images"])
        split = folder / "split.json"
        role = np.array(json.loads(split.read_text())["role"]) if split.exists() else None
        if len(raw) != len(pairs) or (role is not None and len(role) != len(raw)):
            raise SystemExit("pictures, index and split don't belong together: build and split again")
        return cls(size, index["styles"], index["concepts"], torch.from_numpy(raw), pairs[:, 0], pairs[:, 1], role)

    def known(self) -> "EmojiSet":
        """
        The things that people know best: no people, signs and office supplies, and only what at least eight of the
        nine styles have drawn (hearts: seven, or all but the red one would be missing).
        """
        drawn = torch.bincount(self.concept, minlength=len(self.concepts)).tolist()
        kept = []
        for number, concept in enumerate(self.concepts):
            group = concept["subgroup"]
            enough = KNOWN_STYLES - (group == "heart")
            if drawn[number] >= enough and group not in UNKNOWN and not group.startswith("person"):
                kept.append(number)
        place = torch.full((len(self.concepts),), -1)
        place[kept] = torch.arange(len(kept))
        pick = torch.nonzero(place[self.concept] >= 0).flatten()
        return EmojiSet(
            *(self.size, self.styles, [self.concepts[number] for number in kept]),
            *(self.pixels[pick], place[self.concept[pick]], self.style[pick]),
            None if self.role is None else self.role[pick.numpy()],
        )

    @cached_property
    def family(self) -> torch.Tensor:
        """Family number per picture."""
        names = sorted({style["family"] for style in self.styles})
        return torch.tensor([names.index(style["family"]) for style in self.styles])[self.style]

    @cached_property
    def labels(self) -> list[str]:
        return [concept["label"] for concept in self.concepts]

    @cached_property
    def label_words(self) -> list[str]:
        return sorted({word for concept in self.concepts for word in concept["words"]})

    @cached_property
    def words(self) -> list[str]:
        """Every word of labels and tags, sorted."""
        return sorted({word for concept in self.concepts for word in concept["words"] + concept["tags"]})

    @cached_property
    def weight(self) -> torch.Tensor:
        """How often a picture is shown: less for what hardly anybody asks for and for near repetitions."""
        twins = {label.split(" ", 1)[1] for label in self.labels if label.startswith("person ")}
        values = []
        for concept in self.concepts:
            value, label = 1.0, concept["label"]
            if concept["subgroup"] in {"family", "time"} or concept["subgroup"].startswith("keycap"):
                value = 0.4
            elif concept["subgroup"] in {"alphanum", "arrow", "zodiac", "other-symbol", "av-symbol", "geometric"}:
                value = 0.5
            elif label.startswith(("man ", "woman ", "men ", "women ")) and label.split(" ", 1)[1] in twins:
                value = 0.5
            values.append(value)
        fluent = torch.tensor([0.7 if style["family"] == "fluent" else 1.0 for style in self.styles])
        return torch.tensor(values)[self.concept] * fluent[self.style]

    def chosen(self, *roles: str) -> torch.Tensor:
        """Numbers of the pictures with one of the roles."""
        if self.role is None:
            raise SystemExit("no split yet: run python -m emoji.split")
        return torch.from_numpy(np.flatnonzero(np.isin(self.role, roles)))

    def images(self, pick: torch.Tensor) -> torch.Tensor:
        """float32 [B,3,size,size] in [-1,1]."""
        return self.pixels[pick].permute(0, 3, 1, 2).float() / 127.5 - 1
