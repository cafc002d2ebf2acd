"""What `npm run quality` asks the sampler for: 60 prompts, a third each of pairs of thing and style that it was trained
on, of pairs that no network was trained on, and of things without a style. Drawn with a fixed seed, no thing twice.

    python -m emoji.prompts
"""

import json
import random
from pathlib import Path

from emoji.data import EmojiSet

OUT = Path(__file__).parents[2] / "scripts" / "quality" / "prompts.json"
EACH = 20
SEED = 60


def main() -> None:
    data = EmojiSet.load().known()
    styles = [style["style"] for style in data.styles]
    chance = random.Random(SEED)
    held = {(int(data.concept[i]), int(data.style[i])) for i in data.chosen("held")}
    every = {(int(c), int(s)) for c, s in zip(data.concept, data.style, strict=True)}
    taken: set[int] = set()

    def draw(pairs: list[tuple[int, int]], kind: str) -> list[dict]:
        chance.shuffle(pairs)
        rows = []
        for concept, style in pairs:
            if concept in taken or len(rows) == EACH:
                continue
            taken.add(concept)
            row = {"kind": kind, "label": data.labels[concept]}
            rows.append(row if kind == "no style" else row | {"style": styles[style]})
        return rows

    rows = draw(sorted(held), "held-out pair") + draw(sorted(every - held), "seen pair") + draw(sorted(every), "no style")
    OUT.write_text("[\n" + ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n")
    print(f"{OUT.name}: {len(rows)} prompts")


if __name__ == "__main__":
    main()
