"""Writes the model folder of `emoji`: denoiser, text encoder, verifiers and judges as ONNX, the vocabulary, the card.

    python -m emoji.export [--out FOLDER] [--version 1.0.0]

text.onnx      tokens int64 [B,24], weights float32 [B,24] -> text float32 [B,256]; all weights 0: the null text
denoiser.onnx  x float32 [B,3,32,32], t float32 [B], text float32 [B,256], style int64 [B] (9: none) -> v
concept, style, judge-concept   x -> logits;   features   x -> embedding [B,128]
alignment(.text), judge-alignment(.text)   x -> embedding; tokens, weights -> embedding; the score is their product
vocabulary.json  words (token k+1 is word k), concepts (token 1 + words + k is concept k) with their words
"""

import argparse
import hashlib
import json
from pathlib import Path

import torch

from common.checkpoint import load_checkpoint
from common.onnxfile import export
from common.workdir import MEDIA, work_folder
from emoji.caption import WEIGHTS, WIDTH, Captions
from emoji.data import EmojiSet
from emoji.networks import EMBEDDING
from emoji.train import MEAN, SEED, SPREAD, measure
from emoji.train_verifier import RECIPES, build, unseen
from emoji.unet import CONDITION, STYLES, Sampler


LIMITS = [
    "602 things, English words; people, signs and flags are not among them",
    "seen pairs of thing and style are largely learned by heart, held-out pairs are drawn worse",
    "alignment and judge-alignment are weak on things of which they know only the words",
    "style is weak, also with the three Fluent styles counted as one (.54)",
]
HACKING = (
    "random search by alignment alone: from 16 to 64 times the compute of one sample the searched score rises and the "
    "top-1 of judge-concept falls (docs/quality.md)"
)


def sampler(captions: Captions) -> tuple[Sampler, dict]:
    """The averaged weights of the last checkpoint."""
    saved = load_checkpoint(work_folder("emoji") / "sampler.pt")
    if saved is None:
        raise SystemExit("no checkpoint: run emoji/start.sh first")
    model = Sampler(captions.size)
    model.load_state_dict(saved["average"]["values"])
    return model.eval(), saved


def verifier(name: str, data: EmojiSet, captions: Captions, out: Path) -> dict | None:
    """Exports one finished verifier or judge and returns its entry in the card."""
    recipe = RECIPES[name]
    saved = load_checkpoint(work_folder("emoji", "verifiers") / f"{name}.pt")
    if saved is None or saved["step"] < saved["steps"]:
        return None
    model = build(recipe, data, captions)
    model.load_state_dict(saved["model"])
    model.eval()
    x = torch.randn(2, 3, data.size, data.size)
    entry = {"name": name, "role": "searched" if recipe.half == "a" else "held-out"}
    entry["kind"] = "classifier" if recipe.kind in {"concept", "style"} else recipe.kind
    if recipe.kind == "alignment":
        bag = {"tokens": torch.zeros(2, WIDTH, dtype=torch.int64), "weights": torch.rand(2, WIDTH)}
        entry |= export(model.image, {"x": x}, ["embedding"], out / f"{name}.onnx")
        entry["text"] = export(model.text, bag, ["embedding"], out / f"{name}.text.onnx")
        entry["scale"] = round(model.scale.exp().clamp(max=50).item(), 4)
        entry["unseenConcepts"] = torch.nonzero(unseen(data)).flatten().tolist()
    else:
        output = "embedding" if recipe.kind == "features" else "logits"
        entry |= export(model, {"x": x}, [output], out / f"{name}.onnx")
    if recipe.kind in {"alignment", "features"}:
        entry["size"] = EMBEDDING
    if recipe.kind in {"concept", "style"}:
        entry["target"] = "label" if recipe.kind == "concept" else "style"
    entry |= {"needsCondition": recipe.kind != "features", "direction": "higher", "seed": recipe.seed}
    entry["parameters"] = sum(p.numel() for p in model.parameters())
    entry["training"] = {"half": recipe.half, "images": recipe.images, "seconds": round(saved["seconds"])}
    entry["measured"] = saved["measured"]
    return entry


def foreign(out: Path) -> dict | None:
    """The entry and files that emoji.foreign made."""
    folder = work_folder("emoji", "export")
    path = folder / "judge-foreign.json"
    if not path.exists():
        return None
    entry = json.loads(path.read_text())
    for name in (entry["file"], entry["prototypes"]["file"]):
        (out / name).write_bytes((folder / name).read_bytes())
    return entry


def vocabulary(data: EmojiSet, captions: Captions, out: Path) -> dict:
    """What turns a prompt into tokens."""
    number = {word: k for k, word in enumerate(captions.words)}
    concepts = [
        {"words": [number[w] for w in c["words"]], "emoji": c["emoji"], "group": c["group"], "subgroup": c["subgroup"]}
        for c in data.concepts
    ]
    content = {"words": captions.words, "concepts": concepts}
    raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    (out / "vocabulary.json").write_bytes(raw)
    return {"file": "vocabulary.json", "sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MEDIA / "emoji")
    parser.add_argument("--version", default="1.0.0")
    options = parser.parse_args()
    torch.set_num_threads(1)
    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    data = EmojiSet.load().known()
    captions = Captions(data)
    model, saved = sampler(captions)
    first = load_checkpoint(work_folder("emoji") / "sampler-all.pt")
    bag = {"tokens": torch.zeros(2, WIDTH, dtype=torch.int64), "weights": torch.rand(2, WIDTH)}
    inputs = {"x": torch.randn(2, 3, data.size, data.size), "t": torch.rand(2), "text": torch.randn(2, CONDITION)}
    inputs["style"] = torch.tensor([0, STYLES])
    words = vocabulary(data, captions, out)
    text = {**export(model.text, bag, ["text"], out / "text.onnx"), "width": WIDTH, "size": CONDITION, "vocabulary": words}
    text["weights"] = dict(zip(("label", "tag", "concept"), WEIGHTS, strict=True))
    verifiers = [verifier(name, data, captions, out) for name in RECIPES] + [foreign(out)]
    (out / "NOTICE").write_bytes((Path(__file__).parent / "NOTICE").read_bytes())
    card = {
        "format": 1,
        "name": "emoji",
        "version": options.version,
        "title": "Emoji, text- and style-conditional flow matching",
        "licence": "MIT for the weights' own part; sources in NOTICE (MIT, Apache-2.0, CC BY 4.0)",
        "image": [3, data.size, data.size],
        "range": [-1, 1],
        "prediction": "flow",
        "labels": data.labels,
        "styles": [style["style"] for style in data.styles],
        "parameters": sum(p.numel() for p in model.parameters()),
        "defaults": {"solver": "euler", "steps": 8, "guidance": 1},
        "denoiser": {**export(model.denoiser, inputs, ["v"], out / "denoiser.onnx"), "nullStyle": STYLES},
        "text": text,
        "verifiers": [entry for entry in verifiers if entry],
        "data": {
            "pictures": len(data.concept),
            "concepts": len(data.concepts),
            "styles": data.styles,
            "heldOutPictures": len(data.chosen("held")),
            "split": "by (concept, style family), a tenth held out; verifiers on half a, judges on half b",
        },
        "training": {
            "command": "training/emoji/start.sh && training/emoji/verifiers.sh && python -m emoji.export",
            "seed": SEED,
            "imagesOfAllConcepts": first["images"],
            "images": saved["images"],
            "seconds": round(saved["seconds"]),
            "levels": f"sigmoid({MEAN} + {SPREAD} z)",
            "hardware": "one CPU thread",
        },
        "intendedUse": "research and teaching of inference-time search; small pictures in the manner of emoji",
        "limits": LIMITS,
        "hackingSeen": HACKING,
        "measured": {key: round(value, 4) for key, value in measure(model, data, captions).items()},
    }
    (out / "model.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    total = sum(path.stat().st_size for path in out.iterdir())
    print(f"{out}: {total} bytes, {saved['images']} images, verifiers {[v['name'] for v in card['verifiers']]}")


if __name__ == "__main__":
    main()
