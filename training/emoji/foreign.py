"""`judge-foreign`: how near a picture is to its concept's own pictures for a network that this project didn't train.

    python -m foreign.convert && python -m emoji.foreign

The 1,792 features of the foreign MobileNetV2 are centred, rotated to their first 256 principal axes and shrunk by the
square root of the deviation along each (all fitted on half "b"), then made unit vectors. Each concept is represented
by pictures that no verifier and no sampler was trained on, the held-out pairs; a concept without any by its pictures
of half "b". The score of a picture is its largest product with the vectors of its concept.
"""

import hashlib
import json

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from common.workdir import work_folder
from emoji.data import EmojiSet

AXES = 256


def network(path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def features(data: EmojiSet) -> np.ndarray:
    """Foreign features of every picture, cached."""
    cache = work_folder("emoji") / "foreign-features.npy"
    if cache.exists() and len(found := np.load(cache)) == len(data.concept):
        return found.astype(np.float32)
    run = network(work_folder("foreign") / "mobilenet_v2_140.onnx")
    batches = torch.arange(len(data.concept)).split(64)
    parts = [run.run(["features"], {"x": data.images(part).numpy()})[0] for part in batches]
    found = np.concatenate(parts).astype(np.float16)
    np.save(cache, found)
    return found.astype(np.float32)


def axes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean, and the matrix to the principal axes divided by the square root of the deviation along each."""
    mean = values.mean(0)
    spread, vectors = np.linalg.eigh(np.cov((values - mean).T))
    order = np.argsort(spread)[::-1][:AXES]
    return mean, (vectors[:, order] / spread[order] ** 0.25).astype(np.float32)


def project(values: np.ndarray, mean: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    turned = (values - mean) @ matrix
    return turned / np.linalg.norm(turned, axis=1, keepdims=True)


def attach(mean: np.ndarray, matrix: np.ndarray) -> onnx.ModelProto:
    """The converted network with a second output `embedding` [B,256]."""
    model = onnx.load(work_folder("foreign") / "mobilenet_v2_140.onnx")
    graph = model.graph
    graph.initializer.extend(
        [
            numpy_helper.from_array(matrix.astype(np.float16), "axes.half"),
            numpy_helper.from_array((-mean @ matrix.astype(np.float16)).astype(np.float32), "axes.offset"),
            numpy_helper.from_array(np.float32(1e-12), "tiny"),
        ]
    )
    graph.node.extend(
        [
            helper.make_node("Cast", ["axes.half"], ["axes"], to=TensorProto.FLOAT),
            helper.make_node("Gemm", ["features", "axes", "axes.offset"], ["turned"]),
            helper.make_node("ReduceL2", ["turned"], ["length"], axes=[1], keepdims=1),
            helper.make_node("Max", ["length", "tiny"], ["safe"]),
            helper.make_node("Div", ["turned", "safe"], ["embedding"]),
        ]
    )
    graph.output.append(helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", AXES]))
    onnx.checker.check_model(model, full_check=True)
    return model


def prototypes(data: EmojiSet) -> list[tuple[int, int]]:
    """(concept, picture) of every prototype: held-out pictures, else pictures of half "b"."""
    held = {int(data.concept[k]) for k in data.chosen("held")}
    spare = [k for k in data.chosen("b").tolist() if int(data.concept[k]) not in held]
    chosen = data.chosen("held").tolist() + spare
    return sorted((int(data.concept[k]), k) for k in chosen)


def measure(data: EmojiSet, vectors: np.ndarray, chosen: list[tuple[int, int]]) -> dict:
    """Pictures of half "a" find their concept among all by the nearest prototype of another style family."""
    concept = np.array([c for c, _ in chosen])
    rows = np.array([k for _, k in chosen])
    family, labels = data.family.numpy(), data.concept.numpy()
    groups = np.array([c["subgroup"] for c in data.concepts])
    query = data.chosen("a").numpy()
    similarity = vectors[query] @ vectors[rows].T
    similarity[family[query][:, None] == family[rows][None]] = -2
    reachable = np.array([np.any((concept == labels[q]) & (family[rows] != family[q])) for q in query])
    order = np.argsort(-similarity, axis=1)[:, :5]
    hits = concept[order] == labels[query][:, None]
    return {
        "queries": int(reachable.sum()),
        "top1": round(float(hits[reachable, 0].mean()), 4),
        "top5": round(float(hits[reachable].any(1).mean()), 4),
        "subgroupTop1": round(float((groups[concept[order[:, 0]]] == groups[labels[query]]).mean()), 4),
    }


def main() -> None:
    torch.set_num_threads(1)
    data = EmojiSet.load().known()
    values = features(data)
    mean, matrix = axes(values[data.chosen("b").numpy()])
    vectors = project(values, mean, matrix.astype(np.float16).astype(np.float32))
    chosen = prototypes(data)
    folder = work_folder("emoji", "export")
    raw = attach(mean, matrix).SerializeToString(deterministic=True)
    (folder / "judge-foreign.onnx").write_bytes(raw)
    table = vectors[[k for _, k in chosen]].astype(np.float16).tobytes()
    (folder / "judge-foreign.prototypes.f16").write_bytes(table)
    entry = {
        "name": "judge-foreign",
        "role": "held-out",
        "kind": "prototypes",
        "file": "judge-foreign.onnx",
        "sha256": hashlib.sha256(raw).hexdigest(),
        "bytes": len(raw),
        "prototypes": {
            "file": "judge-foreign.prototypes.f16",
            "sha256": hashlib.sha256(table).hexdigest(),
            "bytes": len(table),
            "shape": [len(chosen), AXES],
            "labels": [c for c, _ in chosen],
        },
        "needsCondition": True,
        "direction": "higher",
        "licence": "MIT (nsfwjs 4.3.0; trunk TF-Hub MobileNetV2 1.4, ImageNet)",
        "measured": measure(data, vectors, chosen),
    }
    (folder / "judge-foreign.json").write_text(json.dumps(entry) + "\n")
    sample = torch.arange(0, len(data.concept), 997)
    got = network(folder / "judge-foreign.onnx").run(["embedding"], {"x": data.images(sample).numpy()})[0]
    print(f"file against fit: {np.abs(got - vectors[sample.numpy()]).max():.1e}; {entry['measured']}")


if __name__ == "__main__":
    main()
