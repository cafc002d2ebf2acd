"""Trains `classifier` on the first half of the training set and `judge` on the second.

    python -m fashion.train_classifiers classifier
    python -m fashion.train_classifiers judge

Pictures are shifted, blurred, dimmed and made noisy at random, so that small faults of generated pictures don't
upset the verdict. The 10,000 test pictures only measure.
"""

import argparse
import time

import torch
from torch.nn import functional as F

from common.checkpoint import load_checkpoint, save_checkpoint, wait_while_paused
from common.workdir import work_folder
from fashion.classifiers import BUILDERS
from fashion.data import halves, load, to_range

BATCH = 100
SEEDS = {"classifier": 11, "judge": 23}
EPOCHS = {"classifier": 10, "judge": 9}
BFLOAT16 = {"classifier": True, "judge": False}  # depthwise convolutions are slower in bfloat16
KERNEL = torch.tensor([1.0, 2.0, 1.0])


def augment(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Shift by up to 2 pixels, blur a third of them, scale contrast, add noise, blank a small square."""
    count = len(images)
    padded = F.pad(images, (2, 2, 2, 2), value=-1.0)
    dy, dx = torch.randint(0, 5, (2, count), generator=generator)
    rows = dy[:, None] + torch.arange(28)
    columns = dx[:, None] + torch.arange(28)
    out = padded[torch.arange(count)[:, None, None], 0, rows[:, :, None], columns[:, None, :]][:, None]
    kernel = (KERNEL[:, None] * KERNEL[None] / 16)[None, None]
    blurred = F.conv2d(F.pad(out, (1, 1, 1, 1), value=-1.0), kernel)
    choose = torch.rand(count, 1, 1, 1, generator=generator)
    out = torch.where(choose < 1 / 3, blurred, out)
    gain = 0.8 + 0.3 * torch.rand(count, 1, 1, 1, generator=generator)
    out = (out + 1) * gain - 1
    amount = 0.2 * torch.rand(count, 1, 1, 1, generator=generator)
    out = out + amount * torch.randn(out.shape, generator=generator)
    top, left = torch.randint(0, 23, (2, count, 1, 1, 1), generator=generator)
    grid = torch.arange(28)
    inside = ((grid[:, None] - top) // 6 == 0) & ((grid[None] - left) // 6 == 0)
    erase = torch.rand(count, 1, 1, 1, generator=generator) < 0.25
    return torch.where(inside & erase, torch.tensor(-1.0), out).clamp(-1, 1)


@torch.no_grad()
def measure(model: torch.nn.Module, images: torch.Tensor, labels: torch.Tensor) -> dict:
    """Accuracy, mean log loss and per-class accuracy on pictures as they are."""
    model.eval()
    logits = torch.cat([model(to_range(part)) for part in images.split(500)])
    right = (logits.argmax(1) == labels).float()
    return {
        "accuracy": right.mean().item(),
        "logLoss": F.cross_entropy(logits, labels).item(),
        "perClass": [round(right[labels == k].mean().item(), 3) for k in range(10)],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(BUILDERS))
    name = parser.parse_args().name
    torch.set_num_threads(1)
    torch.manual_seed(SEEDS[name])
    path = work_folder("fashion") / f"{name}.pt"
    images, labels = load("train")
    half = halves(labels)[0 if name == "classifier" else 1]
    images, labels = images[half], labels[half]
    test = load("t10k")
    per_epoch = len(images) // BATCH
    steps = EPOCHS[name] * per_epoch
    model = BUILDERS[name]().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps, pct_start=0.15)
    step, seconds = 0, 0.0
    if saved := load_checkpoint(path):
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        schedule.load_state_dict(saved["schedule"])
        step, seconds = saved["step"], saved["seconds"]
    print(f"{name}: parameters {sum(p.numel() for p in model.parameters())}, step {step} of {steps}", flush=True)
    mark, losses = time.monotonic(), []
    while step < steps:
        if step % 20 == 0:
            mark += wait_while_paused()
        epoch, place = divmod(step, per_epoch)
        seed = SEEDS[name] * 1_000_003
        order = torch.randperm(len(images), generator=torch.Generator().manual_seed(seed + epoch))
        pick = order[place * BATCH : (place + 1) * BATCH]
        x = augment(to_range(images[pick]), torch.Generator().manual_seed(seed + 1000 + step))
        model.train()
        with torch.autocast("cpu", torch.bfloat16, enabled=BFLOAT16[name]):
            logits = model(x.contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits.float(), labels[pick], label_smoothing=0.03)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        step += 1
        if step % per_epoch == 0:
            seconds += time.monotonic() - mark
            measured = measure(model, *test)
            mean = sum(losses) / len(losses)
            print(f"{name} epoch {epoch + 1} loss {mean:.4f} {measured} seconds {seconds:.0f}", flush=True)
            losses = []
            state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step}
            state |= {"schedule": schedule.state_dict(), "seconds": seconds, "measured": measured}
            save_checkpoint(state, path)
            mark = time.monotonic()


if __name__ == "__main__":
    main()
