"""Writes `media/models/fashion`: three ONNX files and the card.

    python -m fashion.export [--out FOLDER] [--version 1.0.0]
"""

import argparse
import json
from pathlib import Path

import torch

from common.checkpoint import load_checkpoint
from common.onnxfile import export, rounded
from common.workdir import MEDIA, work_folder
from fashion.classifiers import BUILDERS
from fashion.data import LABELS, NULL_LABEL, load
from fashion.train import DROPOUT, SEED, validation
from fashion.train_classifiers import SEEDS
from fashion.unet import Denoiser

ROLES = {"classifier": "searched", "judge": "held-out"}


def denoiser() -> tuple[Denoiser, dict]:
    """The averaged weights of the last checkpoint, and the checkpoint."""
    saved = load_checkpoint(work_folder("fashion") / "denoiser.pt")
    if saved is None:
        raise SystemExit("no checkpoint: run python -m fashion.train first")
    model = Denoiser()
    model.load_state_dict(saved["average"]["values"])
    return model.eval(), saved


def verifier(name: str) -> tuple[torch.nn.Module, dict] | None:
    """A classifier with its measured figures; None when its training hasn't finished an epoch."""
    saved = load_checkpoint(work_folder("fashion") / f"{name}.pt")
    if saved is None:
        return None
    model = BUILDERS[name]()
    model.load_state_dict(saved["model"])
    return model.eval(), saved


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MEDIA / "fashion")
    parser.add_argument("--version", default="1.0.0")
    options = parser.parse_args()
    torch.set_num_threads(1)
    out = options.out
    model, saved = denoiser()
    x, t, y = torch.randn(2, 1, 28, 28), torch.rand(2), torch.tensor([3, NULL_LABEL])
    file = export(model, {"x": x, "t": t, "y": y}, ["v"], out / "denoiser.onnx")
    verifiers = []
    for name, role in ROLES.items():
        if (found := verifier(name)) is None:
            continue
        network, state = found
        entry = {"name": name, "role": role, "kind": "classifier"}
        entry |= export(network, {"x": x}, ["logits"], out / f"{name}.onnx")
        measured = state["measured"]
        entry |= {"needsCondition": True, "direction": "higher", "seed": SEEDS[name]}
        entry["parameters"] = sum(p.numel() for p in network.parameters())
        entry["measured"] = {
            "testAccuracy": round(measured["accuracy"], 4),
            "testLogLoss": round(measured["logLoss"], 4),
            "testAccuracyPerClass": measured["perClass"],
            "seconds": round(state["seconds"]),
        }
        verifiers.append(entry)
    card = {
        "format": 1,
        "name": "fashion",
        "version": options.version,
        "title": "Fashion-MNIST, class-conditional flow matching",
        "licence": "MIT",
        "image": [1, 28, 28],
        "range": [-1, 1],
        "prediction": "flow",
        "labels": LABELS,
        "parameters": sum(p.numel() for p in model.parameters()),
        "defaults": {"solver": "euler", "steps": 8, "guidance": 1.5},
        "denoiser": {**file, "nullLabel": NULL_LABEL},
        "verifiers": verifiers,
        "data": {
            "name": "Fashion-MNIST",
            "source": "Zalando Research, arXiv:1708.07747; Debian package dataset-fashion-mnist",
            "licence": "MIT",
            "train": 60000,
            "test": 10000,
            "split": "the sampler sees all 60,000 training pictures; classifier and judge one half each, "
            "stratified by class; the 10,000 test pictures only measure",
        },
        "training": {
            "command": "python -m fashion.train && python -m fashion.train_classifiers classifier && "
            "python -m fashion.train_classifiers judge && python -m fashion.export && python -m fashion.measure",
            "seed": SEED,
            "images": saved["images"],
            "seconds": round(saved["seconds"]),
            "labelDropout": DROPOUT,
            "hardware": "one CPU thread",
        },
        "measured": {"testVelocityError": round(validation(rounded(model), *load("t10k")), 4)},
    }
    (out / "model.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    total = sum(path.stat().st_size for path in out.iterdir())
    print(f"{out}: {total} bytes, sampler at {saved['images']} images, verifiers {[v['name'] for v in verifiers]}")


if __name__ == "__main__":
    main()
