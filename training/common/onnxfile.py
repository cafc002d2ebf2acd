"""From a torch module to an ONNX file: float16 storage, float32 compute, hashed.

The TorchScript exporter at opset 17; every float32 initialiser with at least 64 values becomes a float16 one followed
by a Cast, which the runtime folds when it loads the file. So the file is half as large and the arithmetic the same
for every batch size.
"""

import hashlib
import io
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


def export(module: torch.nn.Module, inputs: dict[str, torch.Tensor], outputs: list[str], path: Path) -> dict:
    """Write `path`; the first dimension of every input and output is the batch. Returns file, sha256, bytes."""
    module.eval()
    buffer = io.BytesIO()
    names = list(inputs)
    torch.onnx.export(
        module,
        tuple(inputs.values()),
        buffer,
        dynamo=False,
        opset_version=OPSET,
        input_names=names,
        output_names=outputs,
        dynamic_axes={name: {0: "batch"} for name in names + outputs},
        do_constant_folding=True,
    )
    model = onnx.load_from_string(buffer.getvalue())
    store_as_float16(model.graph)
    model.producer_name, model.producer_version, model.doc_string = "diffusion-notebook", "", ""
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    data = model.SerializeToString(deterministic=True)
    path.write_bytes(data)
    return {"file": path.name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def store_as_float16(graph: onnx.GraphProto, smallest: int = 64) -> None:
    """Replace large float32 initialisers, and constants, by float16 ones with a Cast to float32."""
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT:
            continue
        values = numpy_helper.to_array(tensor)
        if values.size < smallest:
            continue
        if np.abs(values).max() > 6e4:
            raise ValueError(f"{tensor.name} does not fit float16")
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for index, node in enumerate(casts):
        graph.node.insert(index, node)


def rounded(module: torch.nn.Module) -> torch.nn.Module:
    """The module with the values that the file will hold: float32 rounded to float16, in place."""
    with torch.no_grad():
        for value in module.state_dict().values():
            if value.dtype == torch.float32 and value.numel() >= 64:
                value.copy_(value.half().float())
    return module
