"""Trains the sampler `emoji` for hours. Resumes from its checkpoint; randomness is a function of (seed, step).

    python -m emoji.train --all --images 2400000 --stop-after 6400     # every concept, to learn to draw
    python -m emoji.train --images 400000                              # then the known ones, from those weights

The recipe won a trial of four networks: levels shifted to the noisy end (s = sigmoid(.5 + 1.3 z), stratified), plain
error on v, AdamW, warm-up, a linear fall over the last fifth, averaged weights. The validation loss says little about
whether the prompt matters; `gain` does: error without the condition minus error with it at s = .95.
"""

import argparse
import time

import torch

from common.checkpoint import Average, load_checkpoint, save_checkpoint, wait_while_paused
from common.sheet import save_sheet
from common.workdir import work_folder
from emoji.caption import Captions
from emoji.data import EmojiSet
from emoji.sample import STEPS, euler, sheet_prompts
from emoji.unet import Sampler

SEED = 9
BATCH = 64
RATE, TABLES, WARM_UP, FALL = 1.2e-3, 4.0, 300, 0.2
MEAN, SPREAD = 0.5, 1.3
DECAY = 0.9995
REPORT, KEEP, MEASURE, SHEET = 6_400, 12_800, 25_600, 51_200  # images


def levels(count: int, generator: torch.Generator) -> torch.Tensor:
    """Stratified flow levels in random order."""
    u = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    z = torch.special.ndtri(u.clamp(1e-4, 1 - 1e-4))
    return torch.sigmoid(MEAN + SPREAD * z)[torch.randperm(count, generator=generator)]


def rate(step: int, steps: int) -> float:
    """Share of the full learning rate: warm-up, flat, linear fall over the last fifth."""
    return min(1.0, (step + 1) / WARM_UP, max(0.0, (steps - step) / (steps * FALL)))


class Batches:
    """The batch of a step, drawn from the training pictures by their weights."""

    def __init__(self, data: EmojiSet, captions: Captions):
        self.data, self.captions = data, captions
        self.pool = data.chosen("a", "b")
        self.weight = data.weight[self.pool].double()

    def at(self, step: int):
        generator = torch.Generator().manual_seed(SEED * 10_000_019 + step)
        pick = self.pool[torch.multinomial(self.weight, BATCH, generator=generator)]
        clean = self.data.images(pick)
        noise = torch.randn(clean.shape, generator=generator)
        t = levels(BATCH, generator)
        condition = self.captions.dropped(self.data.concept[pick], self.data.style[pick], generator)
        return clean, noise, t, condition


def narrowed(values: dict, whole: Captions, captions: Captions) -> dict:
    """The weights of the first stage with the token table of the second."""
    tokens = torch.tensor([whole.number[name] for name in captions.number])
    table = values["text.table.weight"]
    return values | {"text.table.weight": torch.cat([table[:1], table[tokens]])}


@torch.no_grad()
def measure(model: Sampler, data: EmojiSet, captions: Captions) -> dict[str, float]:
    """On 320 seen and 320 held-out pictures: error over all levels, and the condition's gain at s = .95."""
    result = {}
    for name, pool in (("seen", data.chosen("a", "b")), ("held", data.chosen("held"))):
        generator = torch.Generator().manual_seed(1)
        pick = pool[torch.randperm(len(pool), generator=generator)[:320]]
        clean = data.images(pick)
        noise, t = torch.randn(clean.shape, generator=generator), levels(len(pick), generator)
        errors = torch.zeros(3)
        for part in torch.arange(len(pick)).split(64):
            tokens, weights = captions.plain(data.concept[pick[part]])
            given = (tokens, weights, data.style[pick[part]])
            high = torch.full((len(part),), 0.95)
            trials = ((t[part], given), (high, given), (high, captions.nothing(len(part))))
            for row, (s, condition) in enumerate(trials):
                at = s[:, None, None, None]
                v = model((1 - at) * clean[part] + at * noise[part], s, *condition)
                errors[row] += (v - (noise[part] - clean[part])).square().mean() * len(part) / len(pick)
        result |= {f"{name}Loss": errors[0].item(), f"{name}Gain": (errors[2] - errors[1]).item()}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=2_400_000, help="images shown in all; may change until the fall")
    parser.add_argument("--all", action="store_true", help="the first stage: every concept (checkpoint sampler-all)")
    parser.add_argument("--name", default=None, help="name of the checkpoint, for trials")
    parser.add_argument("--stop-after", type=int, default=None, help="stop at this step (for trials)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(SEED)
    folder = work_folder("emoji")
    name = options.name or ("sampler-all" if options.all else "sampler")
    path = folder / f"{name}.pt"
    whole = EmojiSet.load()
    data = whole if options.all else whole.known()
    captions, steps = Captions(data), options.images // BATCH
    batches = Batches(data, captions)
    model = Sampler(captions.size)
    if not options.all and not path.exists():
        first = load_checkpoint(folder / "sampler-all.pt")
        if first is None:
            raise SystemExit("the first stage comes first: python -m emoji.train --all")
        model.load_state_dict(narrowed(first["average"]["values"], Captions(whole), captions))
    model = model.to(memory_format=torch.channels_last)
    tables = [model.text.table.weight, model.denoiser.style.weight]
    others = [p for p in model.parameters() if all(p is not table for table in tables)]
    groups = [{"params": others, "scale": 1.0}, {"params": tables, "scale": TABLES, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.99), weight_decay=0.01)
    average = Average(model, DECAY)
    step, seconds = 0, 0.0
    if saved := load_checkpoint(path):
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        average.restore(saved["average"])
        step, seconds = saved["step"], saved["seconds"]
    print(f"parameters {sum(p.numel() for p in model.parameters())}, step {step} of {steps}", flush=True)
    mark, losses = time.monotonic(), []
    due = lambda every: step % (every // BATCH) == 0 or step == steps  # noqa: E731
    while step < min(steps, options.stop_after or steps):
        if step % 20 == 0:
            mark += wait_while_paused()
        for group in optimiser.param_groups:
            group["lr"] = RATE * group["scale"] * rate(step, steps)
        clean, noise, t, condition = batches.at(step)
        s = t[:, None, None, None]
        x = ((1 - s) * clean + s * noise).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            v = model(x, t, *condition)
        loss = (v - (noise - clean)).square().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        average.update(model)
        losses.append(loss.item())
        step += 1
        if due(REPORT):
            seconds, mark = seconds + time.monotonic() - mark, time.monotonic()
            mean, losses = sum(losses) / len(losses), []
            print(f"images {step * BATCH} loss {mean:.4f} seconds {seconds:.0f}", flush=True)
        if due(KEEP):
            state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
            state |= {"average": average.state(), "seconds": seconds, "images": step * BATCH, "tokens": captions.size}
            save_checkpoint(state, path)
        if due(MEASURE) or due(SHEET):
            smooth = Sampler(captions.size)
            smooth.load_state_dict(average.values)
            smooth.eval()
            figures = " ".join(f"{key} {value:.4f}" for key, value in measure(smooth, data, captions).items())
            print(f"images {step * BATCH} {figures}", flush=True)
            if due(SHEET):
                prompts, concepts, styles = sheet_prompts(data)
                pictures = euler(smooth, captions, concepts, styles, STEPS, guidance=2.5, seed=1)
                sheet = folder / "sheets" / f"{name}-{step * BATCH:08d}.png"
                save_sheet(pictures, len(data.styles), sheet, scale=2, titles=prompts)
            mark = time.monotonic()


if __name__ == "__main__":
    main()
