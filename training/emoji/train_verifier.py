"""Trains one verifier (half "a") or judge (half "b") of `emoji`; resumes; measures on the held-out pairs.

    python -m emoji.train_verifier concept
    python -m emoji.train_verifier style|alignment|features|judge-concept|judge-alignment

The alignment nets never see one concept in 25 (`unseen`), so that their card can tell what they are worth on prompts
of which they know only the words.
"""

import argparse
import time
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from common.checkpoint import load_checkpoint, save_checkpoint, wait_while_paused
from common.workdir import work_folder
from emoji.augment import changed
from emoji.caption import KEEP, Captions
from emoji.data import EmojiSet
from emoji.measure_verifier import measure
from emoji.networks import Alignment, ClassifierNet, Features, ResidualTrunk, SeparableTrunk, vicreg

BATCH = 128
UNSEEN_EVERY = 25


@dataclass(frozen=True)
class Recipe:
    """What a verifier is: its kind, half, trunk, seed, and how many pictures it is shown."""

    kind: str
    half: str
    trunk: type
    width: int
    seed: int
    images: int
    rate: float = 2e-3
    strength: float = 1.0
    bfloat16: bool = True


RECIPES = {
    "concept": Recipe("concept", "a", ResidualTrunk, 40, 31, 192_000),
    "style": Recipe("style", "a", ResidualTrunk, 24, 32, 64_000, strength=0.5),
    "alignment": Recipe("alignment", "a", ResidualTrunk, 40, 33, 192_000),
    "features": Recipe("features", "a", ResidualTrunk, 32, 34, 128_000, strength=1.5),
    "judge-concept": Recipe("concept", "b", SeparableTrunk, 32, 41, 192_000, bfloat16=False),
    "judge-alignment": Recipe("alignment", "b", SeparableTrunk, 32, 42, 192_000, bfloat16=False),
}


def unseen(data: EmojiSet) -> torch.Tensor:
    """Whether a concept is kept from the alignment nets: all of its words occur in other labels too."""
    uses: dict[str, int] = {}
    for concept in data.concepts:
        for word in concept["words"]:
            uses[word] = uses.get(word, 0) + 1
    known = [bool(c["words"]) and all(uses[word] > 1 for word in c["words"]) for c in data.concepts]
    candidates = torch.nonzero(torch.tensor(known)).flatten()
    order = torch.randperm(len(candidates), generator=torch.Generator().manual_seed(77))
    mask = torch.zeros(len(known), dtype=torch.bool)
    mask[candidates[order[: len(known) // UNSEEN_EVERY]]] = True
    return mask


def build(recipe: Recipe, data: EmojiSet, captions: Captions) -> torch.nn.Module:
    trunk = recipe.trunk(recipe.width)
    if recipe.kind == "alignment":
        return Alignment(trunk, 1 + len(captions.words))
    if recipe.kind == "features":
        return Features(trunk)
    return ClassifierNet(trunk, len(data.concepts) if recipe.kind == "concept" else len(data.styles))


def bags(captions: Captions, concepts: torch.Tensor, generator: torch.Generator | None):
    """Words of labels and tags without the concept's own token; with a generator some words are dropped."""
    kind = captions.kind[concepts]
    weights = torch.where(kind == 2, 0.0, captions.weights[concepts])
    if generator is not None:
        keep = torch.tensor((*KEEP[:2], 0.0, 0.0))[kind]
        weights = weights * (torch.rand(weights.shape, generator=generator) < keep)
    return torch.where(kind == 2, 0, captions.tokens[concepts]), weights


def loss_of(recipe, model, data, captions, pick, known, generator) -> torch.Tensor:
    """The loss of one batch of pictures."""
    mirror = 0.5 if recipe.kind in {"style", "features"} else 0.0
    clean = data.images(pick)

    def view():
        x = changed(clean, recipe.strength, mirror, generator)
        return x.contiguous(memory_format=torch.channels_last)

    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
        if recipe.kind == "features":
            both = model.expanded(torch.cat([view(), view()])).float()
            return vicreg(*both.chunk(2))
        if recipe.kind == "alignment":
            logits = model(view(), *bags(captions, known, generator)).float()
            place = torch.zeros(len(data.concepts), dtype=torch.int64)
            place[known] = torch.arange(len(known))
            target = place[data.concept[pick]]
            columns = logits[:, target].T  # text to picture; other pictures of the same concept don't count
            same = (target[:, None] == target[None]) & ~torch.eye(len(pick), dtype=torch.bool)
            back = F.cross_entropy(columns.masked_fill(same, -1e4), torch.arange(len(pick)))
            return 0.7 * F.cross_entropy(logits, target, label_smoothing=0.05) + 0.3 * back
        target = data.concept[pick] if recipe.kind == "concept" else data.style[pick]
        return F.cross_entropy(model(view()).float(), target, label_smoothing=0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(RECIPES))
    parser.add_argument("--stop-after", type=int, default=None, help="stop at this step (for trials)")
    options = parser.parse_args()
    name, recipe = options.name, RECIPES[options.name]
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    path = work_folder("emoji", "verifiers") / f"{name}.pt"
    data = EmojiSet.load().known()
    captions = Captions(data)
    hidden = unseen(data) if recipe.kind == "alignment" else torch.zeros(len(data.concepts), dtype=torch.bool)
    pool = data.chosen(recipe.half)
    pool = pool[~hidden[data.concept[pool]]]
    known = data.concept[pool].unique()
    model = build(recipe, data, captions).to(memory_format=torch.channels_last)
    steps = recipe.images // BATCH
    decay = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": decay, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=recipe.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps, pct_start=0.1)
    step, seconds, measured = 0, 0.0, {}
    if saved := load_checkpoint(path):
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        step, seconds = saved["step"], saved["seconds"]
    print(f"{name}: parameters {sum(p.numel() for p in model.parameters())}, step {step} of {steps}", flush=True)
    mark, losses = time.monotonic(), []
    while step < min(steps, options.stop_after or steps):
        if step % 20 == 0:
            mark += wait_while_paused()
        generator = torch.Generator().manual_seed(recipe.seed * 10_000_019 + step)
        pick = pool[torch.multinomial(data.weight[pool].double(), BATCH, generator=generator)]
        model.train()
        loss = loss_of(recipe, model, data, captions, pick, known, generator)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        step += 1
        if step % 500 == 0 or step == steps:
            seconds += time.monotonic() - mark
            measured = measure(recipe.kind, model.eval(), data, bags, captions, hidden, data.chosen(recipe.half))
            mean, losses = sum(losses) / len(losses), []
            print(f"{name} images {step * BATCH} loss {mean:.4f} {measured} seconds {seconds:.0f}", flush=True)
            state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "steps": steps}
            state |= {"schedule": schedule.state_dict(), "seconds": seconds, "measured": measured}
            save_checkpoint(state, path)
            mark = time.monotonic()


if __name__ == "__main__":
    main()
