import assert from "node:assert/strict";
import { test } from "node:test";
import { concepts, pictures, words } from "./match.mjs";
import { SOURCES } from "./sources.mjs";

test("words drop small ones, accents and apostrophes", () => {
  assert.deepEqual(words("piñata"), ["pinata"]);
  assert.deepEqual(words("man's shoe"), ["mans", "shoe"]);
  assert.deepEqual(words("face with tears of joy"), ["face", "tears", "joy"]);
});

test("concepts have labels, words and groups, and no flags or components", () => {
  const list = concepts();
  assert.ok(list.length > 1600);
  assert.ok(list.every((concept) => concept.label && concept.words.length && concept.subgroup));
  assert.ok(!list.some((concept) => concept.group === "flags" || concept.group === "component"));
});

test("every package gives pictures, none twice", () => {
  const list = concepts();
  const least = {
    noto: 1600,
    blob: 1150,
    gradient: 1550,
    flat: 1550,
    "3d": 1550,
    twemoji: 1600,
    emojione: 1050,
    firefox: 600,
    streamline: 500,
  };
  for (const source of SOURCES) {
    const found = pictures(source, list).filter(Boolean);
    assert.ok(found.length >= least[source.style], `${source.style}: ${found.length}`);
    const names = found.map((picture) => picture.icon ?? picture.file);
    assert.equal(new Set(names).size, names.length, source.style);
  }
});
