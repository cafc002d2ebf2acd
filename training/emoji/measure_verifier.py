"""What verifiers and judges are worth on the held-out pairs: pictures that no network was trained on."""

import torch

from emoji.data import EmojiSet


@torch.no_grad()
def outputs(function, data: EmojiSet, pick: torch.Tensor) -> torch.Tensor:
    return torch.cat([function(data.images(part)) for part in pick.split(256)])


def _ranks(scores: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """How many candidates score higher than the right one."""
    right = scores.gather(1, target[:, None])
    return (scores > right).sum(1)


def _shares(ranks: torch.Tensor) -> dict[str, float]:
    return {
        "top1": round((ranks < 1).float().mean().item(), 4),
        "top5": round((ranks < 5).float().mean().item(), 4),
        "pictures": len(ranks),
    }


@torch.no_grad()
def measure(kind, model, data: EmojiSet, bags, captions, hidden: torch.Tensor, own: torch.Tensor) -> dict:
    """Top-1 and top-5 among all concepts (or styles); for features the nearest neighbour among `own` pictures."""
    held = data.chosen("held")
    concept = data.concept[held]
    if kind == "style":
        logits = outputs(model, data, held)
        return {"held": {"top1": _shares(_ranks(logits, data.style[held]))["top1"], "pictures": len(held)}}
    if kind == "concept":
        logits = outputs(model, data, held)
        groups = [c["subgroup"] for c in data.concepts]
        hit = [groups[a] == groups[b] for a, b in zip(logits.argmax(1).tolist(), concept.tolist(), strict=True)]
        return {"held": _shares(_ranks(logits, concept)), "heldSubgroup": round(sum(hit) / len(hit), 4)}
    if kind == "alignment":
        text = model.text(*bags(captions, torch.arange(len(data.concepts)), None))
        ranks = _ranks(outputs(model.image, data, held) @ text.T, concept)
        never = torch.nonzero(hidden[data.concept]).flatten()
        strange = _ranks(outputs(model.image, data, never) @ text.T, data.concept[never])
        return {"held": _shares(ranks[~hidden[concept]]), "unseenConcepts": _shares(strange)}
    # features: nearest neighbour of every held-out picture among pictures of other families
    own = own[data.weight[own] > 0]
    similarity = outputs(model, data, held) @ outputs(model, data, own).T
    similarity = similarity.masked_fill(data.family[held][:, None] == data.family[own][None], -2.0)
    nearest = data.concept[own][similarity.argmax(1)]
    groups = [c["subgroup"] for c in data.concepts]
    hit = [groups[a] == groups[b] for a, b in zip(nearest.tolist(), concept.tolist(), strict=True)]
    present = torch.isin(concept, data.concept[own])
    same = (nearest == concept)[present].float().mean().item()
    return {"neighbourConcept": round(same, 4), "neighbourSubgroup": round(sum(hit) / len(hit), 4)}
