"""The emoji set and its split. Needs the built set (see README); skipped, and said, without it."""

import unittest

import torch

from common.workdir import work_root
from emoji.caption import Captions
from emoji.data import EmojiSet
from emoji.split import distances, problems
from emoji.train_verifier import bags, unseen

BUILT = (work_root() / "emoji" / "split.json").exists()


@unittest.skipUnless(BUILT, "no emoji set in the work folder: build and split it first")
class Emoji(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = EmojiSet.load()
        cls.captions = Captions(cls.data)

    def test_size(self):
        self.assertGreater(len(self.data.concept), 11_000)
        self.assertGreater(len(self.data.concepts), 1_600)
        self.assertEqual(len(self.data.styles), 9)

    def test_split_has_no_leak(self):
        distance = distances(self.data)
        self.assertEqual(problems(self.data, distance), [])

    def test_a_moved_picture_is_a_leak(self):
        distance = distances(self.data)
        held, train = self.data.chosen("held")[0], self.data.chosen("a")[0]
        distance[held, train] = 0.0
        self.assertTrue(any("leak" in text for text in problems(self.data, distance)))

    def test_null_caption_and_dropout(self):
        concept = torch.arange(2000) % len(self.data.concepts)
        style = torch.zeros(2000, dtype=torch.int64)
        _, weights, dropped = self.captions.dropped(concept, style, torch.Generator().manual_seed(0))
        empty = (weights == 0).all(1)
        self.assertTrue(0.10 < empty.float().mean() < 0.18)
        self.assertTrue(0.10 < (dropped == 9).float().mean() < 0.16)

    def test_verifier_text_has_no_concept_token(self):
        tokens, _ = bags(self.captions, torch.arange(len(self.data.concepts)), None)
        self.assertLessEqual(int(tokens.max()), len(self.captions.words))

    def test_unseen_concepts_are_made_of_known_words(self):
        hidden = unseen(self.data)
        self.assertGreater(int(hidden.sum()), 40)
        known = {w for c, h in zip(self.data.concepts, hidden.tolist(), strict=True) if not h for w in c["words"]}
        lost = [c["label"] for c, h in zip(self.data.concepts, hidden.tolist(), strict=True) if h and not known & set(c["words"])]
        self.assertEqual(lost, [])


if __name__ == "__main__":
    unittest.main()
