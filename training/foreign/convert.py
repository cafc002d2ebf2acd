"""MobileNetV2 1.4 of nsfwjs (MIT) from TensorFlow.js to ONNX, weights kept as the uint8 that the package ships.

    (cd foreign && npm install && node unpack.mjs) && python -m foreign.convert

Input `x` float32 [B,3,H,W] in [-1,1] of any size, enlarged to 224 inside the graph; outputs `features` [B,1792] and
`probabilities` [B,5] (Drawing, Hentai, Neutral, Porn, Sexy). Each weight is Cast(uint8) * scale + least value, which
the runtime folds at load. Provenance: the trunk's names are those of the TF-Hub module
imagenet/mobilenet_v2_140_224/feature_vector; the head was trained by Infinite Red on pictures collected by GantMan.
"""

import base64
import hashlib
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from common.workdir import work_folder

PIXELS = 224


def _decode(text: str) -> str:
    return base64.b64decode(text).decode()


class Graph:
    """Nodes and initialisers as they are found on the way from the input to the outputs."""

    def __init__(self, weights: dict[str, tuple[np.ndarray, float, float]]):
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.initialisers: list[onnx.TensorProto] = []

    def add(self, op: str, inputs: list[str], output: str, **attributes) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def constant(self, name: str, values: np.ndarray) -> str:
        self.initialisers.append(numpy_helper.from_array(values, name))
        return name

    def weight(self, name: str, change) -> str:
        """A stored weight with its axes changed: uint8 in the file, float32 in use."""
        stored, least, scale = self.weights[name]
        short = f"w{len(self.initialisers)}"
        self.constant(f"{short}.u8", np.ascontiguousarray(change(stored)))
        self.constant(f"{short}.scale", np.float32(scale))
        self.constant(f"{short}.least", np.float32(least))
        self.add("Cast", [f"{short}.u8"], f"{short}.cast", to=TensorProto.FLOAT)
        self.add("Mul", [f"{short}.cast", f"{short}.scale"], f"{short}.scaled")
        return self.add("Add", [f"{short}.scaled", f"{short}.least"], short)


def read() -> tuple[list[dict], dict]:
    """The nodes of the TensorFlow graph and its quantised weights."""
    folder = work_folder("foreign")
    model = json.loads((folder / "model.json").read_text())
    data, at, weights = (folder / "weights.bin").read_bytes(), 0, {}
    for entry in (weight for group in model["weightsManifest"] for weight in group["weights"]):
        size = int(np.prod(entry["shape"]))
        quantised = entry["quantization"]
        if quantised["dtype"] != "uint8":
            raise SystemExit(f"{entry['name']} is {quantised['dtype']}")
        values = np.frombuffer(data, np.uint8, size, at).reshape(entry["shape"])
        weights[entry["name"]] = (values, quantised["min"], quantised["scale"])
        at += size
    if at != len(data):
        raise SystemExit(f"{len(data) - at} bytes of weights are left over")
    return model["modelTopology"]["node"], weights


def convert(nodes: list[dict], weights: dict) -> onnx.ModelProto:
    graph, names = Graph(weights), {}
    graph.constant("none", np.zeros(0, np.float32))
    graph.constant("size", np.array([3, PIXELS, PIXELS], np.int64))
    graph.constant("one", np.array([0], np.int64))
    graph.constant("end", np.array([1], np.int64))
    graph.add("Shape", ["x"], "shape")
    graph.add("Slice", ["shape", "one", "end"], "count")
    graph.add("Concat", ["count", "size"], "target", axis=0)
    graph.add(
        "Resize", ["x", "none", "", "target"], "large", mode="linear", coordinate_transformation_mode="half_pixel"
    )
    half = graph.constant("half", np.float32(0.5))
    graph.add("Mul", ["large", half], "halved")
    graph.add("Add", ["halved", half], "unit")  # what nsfwjs feeds: 0 to 1
    for node in nodes:
        op, name, inputs = node["op"], node["name"], node.get("input", [])
        output = f"n{len(graph.nodes)}"
        if op == "Const":
            continue
        if op == "Placeholder":
            names[name] = "unit"
            continue
        at = [names.get(source) for source in inputs]
        attributes = node.get("attr", {})
        if op in {"_FusedConv2D", "FusedDepthwiseConv2dNative"}:
            strides = [int(k) for k in attributes["strides"]["list"]["i"][1:3]]
            fused = [_decode(text) for text in attributes["fused_ops"]["list"]["s"]]
            if fused[0] != "BiasAdd" or _decode(attributes["padding"]["s"]) != "SAME":
                raise SystemExit(f"{name}: {fused}, {attributes['padding']}")
            depth = op == "FusedDepthwiseConv2dNative"
            axes = (2, 3, 0, 1) if depth else (3, 2, 0, 1)
            kernel = graph.weight(inputs[1], lambda w, axes=axes: w.transpose(axes))
            bias = graph.weight(inputs[2], lambda w: w)
            group = weights[inputs[1]][0].shape[2] if depth else 1
            graph.add("Conv", [at[0], kernel, bias], output, strides=strides, auto_pad="SAME_UPPER", group=group)
            if fused[1:] == ["Relu6"]:
                low, high = f"{output}.low", f"{output}.high"
                graph.constant(low, np.float32(0))
                graph.constant(high, np.float32(6))
                output = graph.add("Clip", [output, low, high], f"{output}.relu6")
            elif fused[1:]:
                raise SystemExit(f"{name}: {fused}")
        elif op in {"Mul", "Sub", "AddV2"}:
            operands = [value or graph.weight(source, lambda w: w) for value, source in zip(at, inputs, strict=True)]
            graph.add({"AddV2": "Add"}.get(op, op), operands, output)
        elif op == "AvgPool":
            graph.add("GlobalAveragePool", at[:1], output)
        elif op == "Squeeze":
            graph.add("Flatten", at[:1], output, axis=1)
            output = graph.add("Identity", [output], "features")
        elif op == "_FusedMatMul":
            kernel, bias = graph.weight(inputs[1], lambda w: w), graph.weight(inputs[2], lambda w: w)
            graph.add("Gemm", [at[0], kernel, bias], output)
        elif op == "Softmax":
            graph.add("Softmax", at[:1], output, axis=1)
        elif op == "Identity":
            output = graph.add("Identity", at[:1], "probabilities")
        else:
            raise SystemExit(f"{name}: operation {op} is not known")
        names[name] = output
    made = helper.make_graph(
        graph.nodes,
        "mobilenet_v2_140",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, "height", "width"])],
        [
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 1792]),
            helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 5]),
        ],
        graph.initialisers,
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model.producer_name = "diffusion-notebook"
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    data = convert(*read()).SerializeToString(deterministic=True)
    path = work_folder("foreign") / "mobilenet_v2_140.onnx"
    path.write_bytes(data)
    print(f"{path.name}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
