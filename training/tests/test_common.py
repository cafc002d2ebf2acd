"""Export, checkpoints and sampling pieces, without any data."""

import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from common.checkpoint import Average, load_checkpoint, save_checkpoint
from common.onnxfile import export, rounded
from emoji.networks import Alignment, SeparableTrunk
from emoji.sample import grid
from emoji.unet import Sampler
from fashion.classifiers import BUILDERS
from fashion.unet import Denoiser


def run(path: Path, feeds: dict[str, torch.Tensor]) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    network = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return network.run(None, {name: value.numpy() for name, value in feeds.items()})[0]


def stir(module: torch.nn.Module) -> torch.nn.Module:
    """Non-zero values everywhere, also in layers that start at zero."""
    torch.manual_seed(0)
    with torch.no_grad():
        for value in module.parameters():
            value.add_(0.05 * torch.randn_like(value))
    return module.eval()


class Export(unittest.TestCase):
    def check(self, module: torch.nn.Module, feeds: dict[str, torch.Tensor], tolerance: float = 2e-4) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x.onnx"
            entry = export(module, feeds, ["out"], path)
            self.assertEqual(entry["bytes"], path.stat().st_size)
            with torch.no_grad():
                wanted = rounded(module)(*feeds.values()).numpy()
            whole = run(path, feeds)
            np.testing.assert_allclose(whole, wanted, atol=tolerance)
            for batch in (1, 3):
                parts = [
                    run(path, {name: value[k : k + batch] for name, value in feeds.items()})
                    for k in range(0, len(whole), batch)
                ]
                self.assertEqual(np.concatenate(parts).tobytes(), whole.tobytes(), f"batch {batch}")

    def test_fashion_denoiser(self):
        feeds = {"x": torch.randn(16, 1, 28, 28), "t": torch.rand(16), "y": torch.arange(16) % 11}
        self.check(stir(Denoiser()), feeds)

    def test_fashion_classifiers(self):
        for builder in BUILDERS.values():  # batch norm is folded before rounding, so the values differ a little more
            self.check(stir(builder()), {"x": torch.randn(16, 1, 28, 28)}, tolerance=2e-3)

    def test_emoji_denoiser(self):
        model = stir(Sampler(50)).denoiser
        feeds = {"x": torch.randn(16, 3, 32, 32), "t": torch.rand(16), "text": torch.randn(16, 256)}
        self.check(model, {**feeds, "style": torch.arange(16) % 10})


    def test_emoji_text(self):
        weights = torch.rand(16, 24) * (torch.rand(16, 24) < 0.5)
        weights[3] = 0
        feeds = {"tokens": torch.randint(0, 50, (16, 24)), "weights": weights}
        self.check(stir(Sampler(50)).text, feeds, tolerance=1e-3)

    def test_emoji_towers(self):
        model = stir(Alignment(SeparableTrunk(16), 50))
        self.check(model.image, {"x": torch.randn(16, 3, 32, 32)}, tolerance=2e-3)


class Checkpoints(unittest.TestCase):
    def test_missing_then_stored(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "state.pt"
            self.assertIsNone(load_checkpoint(path))
            save_checkpoint({"step": 3}, path)
            self.assertEqual(load_checkpoint(path)["step"], 3)
            self.assertEqual([entry.name for entry in Path(folder).iterdir()], ["state.pt"])

    def test_average_ramps_up(self):
        module = torch.nn.Linear(1, 1)
        average = Average(module, 0.999)
        with torch.no_grad():
            module.weight.fill_(5.0)
        for _ in range(50):
            average.update(module)
        self.assertAlmostEqual(average.values["weight"].item(), 5.0, places=2)


class Grid(unittest.TestCase):
    def test_ends_and_order(self):
        for shift in (1.0, 2.0):
            levels = grid(8, shift)
            self.assertEqual((levels[0], levels[-1], len(levels)), (1.0, 0.0, 9))
            self.assertEqual(levels, sorted(levels, reverse=True))


if __name__ == "__main__":
    unittest.main()
