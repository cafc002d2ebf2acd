"""Splits the emoji set, and tests the split for leaks.

    python -m emoji.split

A pair is (concept, style family); the three Fluent sets redraw the same drawings and are one family. About a tenth of
the pairs is held out from all training, each of a concept that stays in training in another family. What remains is
halved: verifiers train on half "a", judges on half "b", the sampler on both. Pictures closer than `CLOSE` are taken for
the same drawing and their pairs stay on the same side.
"""

import json
import random

import torch

from common.workdir import work_folder
from emoji.data import EmojiSet

SEED = 5
HELD = 0.10
CLOSE = 0.05  # root mean square distance at 16x16, values 0..1
LARGEST = 3  # pairs in a component that may still be held out


def distances(data: EmojiSet) -> torch.Tensor:
    """Root mean square pixel distance between all pictures at half resolution."""
    count, size = len(data.pixels), data.size
    x = data.pixels.float().div(255).reshape(count, 16, size // 16, 16, size // 16, 3).mean((2, 4)).flatten(1)
    norms = x.square().sum(1)
    rows = [norms[part, None] + norms[None] - 2 * x[part] @ x.T for part in torch.arange(count).split(1000)]
    return (torch.cat(rows).clamp(min=0) / x.shape[1]).sqrt()


def components(pair: torch.Tensor, distance: torch.Tensor) -> list[list[int]]:
    """Pairs joined whenever they hold two pictures closer than CLOSE."""
    parent = list(range(int(pair.max()) + 1))

    def find(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right in torch.nonzero(distance < CLOSE).tolist():
        parent[find(int(pair[left]))] = find(int(pair[right]))
    groups: dict[int, list[int]] = {}
    for node in range(len(parent)):
        groups.setdefault(find(node), []).append(node)
    return list(groups.values())


def split(data: EmojiSet, distance: torch.Tensor) -> list[str]:
    """The role of every picture: "held", "a" or "b"."""
    keys, pair = torch.unique(data.concept * 100 + data.family, return_inverse=True)
    concept_of = (keys // 100).tolist()
    groups = components(pair, distance)
    chance = random.Random(SEED)
    chance.shuffle(groups)
    left = torch.bincount(torch.tensor(concept_of), minlength=len(data.concepts)).tolist()
    role = [""] * len(keys)
    wanted = round(HELD * len(keys))
    for group in groups:
        concepts = [concept_of[node] for node in group]
        small = len(group) <= LARGEST and len(set(concepts)) == len(concepts)
        if wanted > 0 and small and all(left[concept] >= 3 for concept in concepts):
            for node in group:
                role[node] = "held"
                left[concept_of[node]] -= 1
                wanted -= 1
    tally = [[0, 0] for _ in data.concepts]
    for group in sorted((g for g in groups if not role[g[0]]), key=len, reverse=True):
        lead = sum(tally[concept_of[node]][0] - tally[concept_of[node]][1] for node in group)
        half = chance.randrange(2) if lead == 0 else int(lead > 0)
        for node in group:
            role[node] = "ab"[half]
            tally[concept_of[node]][half] += 1
    return [role[node] for node in pair.tolist()]


def problems(data: EmojiSet, distance: torch.Tensor) -> list[str]:
    """What is wrong with the split of `data`; empty when nothing is."""
    found = []
    held, train = data.chosen("held"), data.chosen("a", "b")
    pair = data.concept * 100 + data.family
    roles: dict[int, set[str]] = {}
    for key, role in zip(pair.tolist(), data.role.tolist(), strict=True):
        roles.setdefault(key, set()).add(role)
    if mixed := [key for key, value in roles.items() if len(value) > 1]:
        found.append(f"{len(mixed)} pairs lie on two sides")
    share = sum("held" in value for value in roles.values()) / len(roles)
    if not 0.09 <= share <= 0.11:
        found.append(f"{share:.3f} of the pairs are held out")
    if missing := set(data.concept[held].tolist()) - set(data.concept[train].tolist()):
        found.append(f"{len(missing)} concepts are held out altogether")
    for name, one, other in [
        ("held out and training", held, train),
        ("half a and half b", data.chosen("a"), data.chosen("b")),
    ]:
        nearest = distance[one][:, other].min().item()
        if nearest < CLOSE:
            found.append(f"leak between {name}: two pictures at distance {nearest:.4f}")
    return found


def main() -> None:
    torch.set_num_threads(1)
    data = EmojiSet.load()
    distance = distances(data)
    role = split(data, distance)
    path = work_folder("emoji") / "split.json"
    path.write_text(json.dumps({"seed": SEED, "close": CLOSE, "role": role}))
    data = EmojiSet.load()
    if found := problems(data, distance):
        raise SystemExit("; ".join(found))
    for name in ("a", "b", "held"):
        chosen = data.chosen(name)
        print(f"{name}: {len(chosen)} pictures, {len(data.concept[chosen].unique())} concepts")
    nearest = distance[data.chosen("held")][:, data.chosen("a", "b")].min(1).values
    print(f"held out to nearest training picture: least {nearest.min():.3f}, median {nearest.median():.3f}")


if __name__ == "__main__":
    main()
