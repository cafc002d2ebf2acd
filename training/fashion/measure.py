"""Measures the exported files of `fashion` in the runtime that ships, and writes the figures into the card.

    python -m fashion.measure [--out FOLDER]

Single draws for several step counts and guidances (judge's and classifier's mean probability of the wanted class,
the judge's accuracy, spread within a class), then the best of 16 by the classifier against the first draw, with a
paired bootstrap interval; and the classifiers' accuracy once more, from the files.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime

from common.workdir import MEDIA
from fashion.data import LABELS, NULL_LABEL, load

TRIALS = [(4, 1.5), (8, 1.0), (8, 1.5), (8, 2.0), (8, 3.0), (16, 1.5), (32, 1.5)]


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def probabilities(network: onnxruntime.InferenceSession, images: np.ndarray) -> np.ndarray:
    parts = [network.run(None, {"x": images[k : k + 250]})[0] for k in range(0, len(images), 250)]
    logits = np.concatenate(parts).astype(np.float64)
    exponents = np.exp(logits - logits.max(1, keepdims=True))
    return exponents / exponents.sum(1, keepdims=True)


def sample(network, noise: np.ndarray, labels: np.ndarray, steps: int, guidance: float) -> np.ndarray:
    """Euler in equal steps with guidance, clipped to the range at the end."""
    finished = []
    for begin in range(0, len(noise), 50):
        x, y = noise[begin : begin + 50], labels[begin : begin + 50]
        null = np.full_like(y, NULL_LABEL)
        for k in range(steps):
            t = np.full(len(y), 1 - k / steps, np.float32)
            v = network.run(None, {"x": x, "t": t, "y": y})[0]
            if guidance != 1:
                free = network.run(None, {"x": x, "t": t, "y": null})[0]
                v = free + np.float32(guidance) * (v - free)
            x = x - np.float32(1 / steps) * v
        finished.append(np.clip(x, -1, 1))
    return np.concatenate(finished)


def interval(gains: np.ndarray) -> list[float]:
    """95 % bootstrap interval of the mean of paired differences."""
    chance = np.random.default_rng(3)
    means = gains[chance.integers(0, len(gains), (4000, len(gains)))].mean(1)
    return [round(float(q), 4) for q in np.quantile(means, [0.025, 0.975])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MEDIA / "fashion")
    parser.add_argument("--draws", type=int, default=20, help="single draws per class and trial")
    options = parser.parse_args()
    nets = {name: session(options.out / f"{name}.onnx") for name in ("denoiser", "classifier", "judge")}
    images, truth = load("t10k")
    test = images.numpy().astype(np.float32) / np.float32(127.5) - 1
    accuracy = {
        name: float((probabilities(nets[name], test).argmax(1) == truth.numpy()).mean())
        for name in ("classifier", "judge")
    }
    print("accuracy from the files", accuracy, flush=True)
    chance = np.random.default_rng(1)
    labels = np.repeat(np.arange(10), options.draws)
    rows = np.arange(len(labels))
    noise = chance.standard_normal((len(labels), 1, 28, 28), np.float32)
    trials = []
    for steps, guidance in TRIALS:
        pictures = sample(nets["denoiser"], noise, labels, steps, guidance)
        row = {"steps": steps, "guidance": guidance}
        for name in ("classifier", "judge"):
            p = probabilities(nets[name], pictures)
            row[f"{name}Probability"] = round(float(p[rows, labels].mean()), 4)
            row[f"{name}Top1"] = round(float((p.argmax(1) == labels).mean()), 4)
        groups = pictures.reshape(10, options.draws, -1)
        row["spread"] = round(float(np.sqrt(groups.var(1).mean())), 4)
        if (steps, guidance) == (8, 1.5):
            row["judgeTop1PerClass"] = dict(
                zip(LABELS, (p.argmax(1) == labels).reshape(10, -1).mean(1).round(3).tolist(), strict=True)
            )
        trials.append(row)
        print(row, flush=True)
    labels = np.repeat(np.arange(10), 8 * 16)
    noise = chance.standard_normal((len(labels), 1, 28, 28), np.float32)
    card = json.loads((options.out / "model.json").read_text())
    steps, guidance = card["defaults"]["steps"], card["defaults"]["guidance"]
    pictures = sample(nets["denoiser"], noise, labels, steps, guidance)
    scores = {
        name: probabilities(nets[name], pictures)[np.arange(len(labels)), labels].reshape(80, 16)
        for name in ("classifier", "judge")
    }
    best = scores["classifier"].argmax(1)
    search = {"candidates": 16, "steps": steps, "guidance": guidance, "pairs": 80}
    for name, values in scores.items():
        gain = values[np.arange(80), best] - values[:, 0]
        search[name] = {
            "first": round(float(values[:, 0].mean()), 4),
            "best": round(float(values[np.arange(80), best].mean()), 4),
            "gain": round(float(gain.mean()), 4),
            "interval95": interval(gain),
        }
    print(search, flush=True)
    card["measured"] |= {"testAccuracyFromFiles": accuracy, "singleDraws": trials, "bestOf16": search}
    (options.out / "model.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
