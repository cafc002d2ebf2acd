"""Trains the denoiser of `fashion`. Resumes from its checkpoint; every step's randomness comes from (seed, step).

    python -m fashion.train --images 256000
"""

import argparse
import math
import time

import torch

from common.checkpoint import Average, load_checkpoint, save_checkpoint, wait_while_paused
from common.sheet import save_sheet
from common.workdir import work_folder
from fashion.data import LABELS, NULL_LABEL, load, to_range
from fashion.sample import euler
from fashion.unet import Denoiser

SEED = 7
BATCH = 64
RATE, WARM_UP, FALL = 1.5e-3, 300, 0.35
DROPOUT = 0.1
MEAN, SPREAD = 0.2, 1.2


def levels(count: int, generator: torch.Generator) -> torch.Tensor:
    """Flow levels: sigmoid of a normal, stratified within the batch, a little shifted to the noisy end."""
    u = (torch.arange(count) + torch.rand(count, generator=generator)) / count
    z = torch.special.ndtri(u.clamp(1e-4, 1 - 1e-4))
    return torch.sigmoid(MEAN + SPREAD * z)[torch.randperm(count, generator=generator)]


def rate(step: int, steps: int) -> float:
    """Warm-up, flat, then a cosine fall over the last part."""
    start = steps * (1 - FALL)
    if step < WARM_UP:
        return RATE * (step + 1) / WARM_UP
    return RATE if step < start else RATE * 0.5 * (1 + math.cos(math.pi * (step - start) / (steps - start)))


def batch_at(step: int, images: torch.Tensor, labels: torch.Tensor):
    """The batch, noise, levels and dropped labels of one step; a pure function of the step."""
    per_epoch = len(images) // BATCH
    epoch, place = divmod(step, per_epoch)
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(SEED * 1000 + epoch))
    pick = order[place * BATCH : (place + 1) * BATCH]
    generator = torch.Generator().manual_seed(SEED * 1_000_003 + step)
    clean = to_range(images[pick])
    noise = torch.randn(clean.shape, generator=generator)
    t = levels(BATCH, generator)
    drop = torch.rand(BATCH, generator=generator) < DROPOUT
    return clean, noise, t, torch.where(drop, torch.tensor(NULL_LABEL), labels[pick])


@torch.no_grad()
def validation(model: Denoiser, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Velocity error on 1,000 test images at fixed noise and levels."""
    generator = torch.Generator().manual_seed(99)
    clean, total = to_range(images[:1000]), 0.0
    noise, t = torch.randn(clean.shape, generator=generator), levels(1000, generator)
    for part in torch.arange(1000).split(250):
        s = t[part, None, None, None]
        v = model((1 - s) * clean[part] + s * noise[part], t[part], labels[part])
        total += (v - (noise[part] - clean[part])).square().mean().item() / 4
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=256_000, help="images shown in all")
    parser.add_argument("--stop-after", type=int, default=None, help="stop at this step (for trials)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    folder = work_folder("fashion")
    images, labels = load("train")
    test_images, test_labels = load("t10k")
    steps = options.images // BATCH
    model = Denoiser().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=0.01)
    average = Average(model, 0.999)
    step, seconds = 0, 0.0
    if saved := load_checkpoint(folder / "denoiser.pt"):
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        average.restore(saved["average"])
        step, seconds = saved["step"], saved["seconds"]
    print(f"parameters {sum(p.numel() for p in model.parameters())}, from step {step} of {steps}", flush=True)
    mark, losses = time.monotonic(), []
    while step < min(steps, options.stop_after or steps):
        if step % 20 == 0:
            mark += wait_while_paused()
        for group in optimiser.param_groups:
            group["lr"] = rate(step, steps)
        clean, noise, t, y = batch_at(step, images, labels)
        s = t[:, None, None, None]
        x = ((1 - s) * clean + s * noise).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            v = model(x, t, y)
        loss = (v - (noise - clean)).square().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        average.update(model)
        losses.append(loss.item())
        step += 1
        if step % 100 == 0 or step == steps:
            seconds, mark = seconds + time.monotonic() - mark, time.monotonic()
            mean = sum(losses) / len(losses)
            losses = []
            print(f"step {step} images {step * BATCH} loss {mean:.4f} seconds {seconds:.0f}", flush=True)
        if step % 500 == 0 or step == steps:
            state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
            save_checkpoint(
                {**state, "average": average.state(), "seconds": seconds, "images": step * BATCH},
                folder / "denoiser.pt",
            )
        if step % 1000 == 0 or step == steps:
            smooth = Denoiser()
            smooth.load_state_dict(average.values)
            smooth.eval()
            error = validation(smooth, test_images, test_labels)
            print(f"step {step} validation {error:.4f}", flush=True)
            pictures = euler(smooth, torch.arange(10).repeat_interleave(10), steps=8, guidance=2.0, seed=1)
            save_sheet(pictures, 10, folder / "sheets" / f"{step:06d}.png", titles=LABELS)
            mark = time.monotonic()


if __name__ == "__main__":
    main()
