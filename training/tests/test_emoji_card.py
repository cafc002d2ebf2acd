"""Every figure of `emoji`'s card, measured again from the files that are shipped. Needs the built set and its split
(see README); skipped, and said, without it."""

import json
import unittest

import numpy as np
import onnxruntime
import torch

from common.workdir import MEDIA, work_root
from emoji import foreign
from emoji.caption import Captions
from emoji.data import EmojiSet
from emoji.measure_verifier import measure
from emoji.train import measure as measure_sampler
from emoji.train_verifier import RECIPES, bags, unseen

BUILT = (work_root() / "emoji" / "split.json").exists()
FOLDER = MEDIA / "emoji"
# Weights are stored in float16, and processors round otherwise: two pictures, of 480 where nothing else is said.
PICTURES, ERROR = 2.5 / 480, 0.002


class Graph:
    """A shipped graph as a function of tensors, in the order of its inputs."""

    def __init__(self, file: str):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(FOLDER / file), options, providers=["CPUExecutionProvider"])
        self.names = [one.name for one in self.session.get_inputs()]
        self.outputs = [one.name for one in self.session.get_outputs()]

    def __call__(self, *tensors: torch.Tensor, output: str | None = None) -> torch.Tensor:
        feeds = {name: one.contiguous().numpy() for name, one in zip(self.names, tensors, strict=True)}
        return torch.from_numpy(self.session.run([output or self.outputs[0]], feeds)[0])


class Towers:
    """Image and text network of an alignment verifier."""

    def __init__(self, entry: dict):
        self.image, self.text = Graph(entry["file"]), Graph(entry["text"]["file"])


@unittest.skipUnless(BUILT, "no emoji set in the work folder: build and split it first")
class Card(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        torch.set_num_threads(1)
        cls.card = json.loads((FOLDER / "model.json").read_text())
        cls.data = EmojiSet.load().known()
        cls.captions = Captions(cls.data)

    def near(self, found: dict, said: dict, what: str, tolerance: float) -> None:
        self.assertEqual(found.keys(), said.keys(), what)
        if "pictures" in said:
            tolerance = 2.5 / said["pictures"]
        for key, value in said.items():
            if isinstance(value, dict):
                self.near(found[key], value, f"{what}.{key}", tolerance)
            else:
                self.assertAlmostEqual(found[key], value, delta=tolerance, msg=f"{what}.{key}")

    def entry(self, name: str) -> dict:
        return next(one for one in self.card["verifiers"] if one["name"] == name)

    def test_the_data_are_those_of_the_card(self):
        data = self.card["data"]
        self.assertEqual(self.data.labels, self.card["labels"])
        self.assertEqual(len(self.data.concept), data["pictures"])
        self.assertEqual(len(self.data.chosen("held")), data["heldOutPictures"])

    def test_verifiers_and_judges_on_pictures_that_no_network_was_trained_on(self):
        hidden = unseen(self.data)
        for name, recipe in RECIPES.items():
            entry = self.entry(name)
            model = Towers(entry) if recipe.kind == "alignment" else Graph(entry["file"])
            own = self.data.chosen(recipe.half)
            found = measure(recipe.kind, model, self.data, bags, self.captions, hidden, own)
            self.near(found, entry["measured"], name, PICTURES)

    def test_the_foreign_judge_on_half_a(self):
        entry = self.entry("judge-foreign")
        chosen = foreign.prototypes(self.data)
        table = np.fromfile(FOLDER / entry["prototypes"]["file"], np.float16).reshape(entry["prototypes"]["shape"])
        self.assertEqual([concept for concept, _ in chosen], entry["prototypes"]["labels"])
        vectors = np.zeros((len(self.data.concept), table.shape[1]), np.float32)
        graph = Graph(entry["file"])
        for part in self.data.chosen("a").split(64):
            vectors[part.numpy()] = graph(self.data.images(part), output="embedding").numpy()
        vectors[[picture for _, picture in chosen]] = table
        self.near(foreign.measure(self.data, vectors, chosen), entry["measured"], "judge-foreign", PICTURES)

    def test_the_sampler_on_seen_and_held_out_pictures(self):
        denoiser, text = Graph("denoiser.onnx"), Graph("text.onnx")

        def sampler(x, t, tokens, weights, style):
            return denoiser(x, t, text(tokens, weights), style)

        found = measure_sampler(sampler, self.data, self.captions)
        self.near(found, {key: self.card["measured"][key] for key in found}, "measured", ERROR)


if __name__ == "__main__":
    unittest.main()
