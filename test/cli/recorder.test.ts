import { expect, test } from "vitest";
import { Recorder } from "../../src/cli/run/recorder.js";
import { textOf } from "../../src/document/outputs.js";

const shown = (recorder: Recorder, cell: string) =>
  recorder.outputs(cell).map(({ items }) => items.map((item) => ("json" in item ? item.json : textOf(item))));

test("text that follows text of the same stream is one output, whatever comes between in other cells", () => {
  const recorder = new Recorder();
  recorder.stream("a", "stdout", "1\n");
  recorder.stream("b", "stdout", "other\n");
  recorder.stream("a", "stdout", "2\n");
  recorder.stream("a", "stderr", "warning\n");
  recorder.stream("a", "stdout", "3\n");
  expect(shown(recorder, "a")).toEqual([["1\n2\n"], ["warning\n"], ["3\n"]]);
  expect(shown(recorder, "b")).toEqual([["other\n"]]);
  expect(shown(recorder, "never ran")).toEqual([]);
});

test("a line that is written over stands once, in whatever pieces it comes", () => {
  const text = "start\n10 %\r50 %\r100 %\ndone\n";
  for (let size = 1; size <= text.length; size++) {
    const recorder = new Recorder();
    for (let at = 0; at < text.length; at += size) recorder.stream("a", "stdout", text.slice(at, at + size));
    expect(shown(recorder, "a"), `in pieces of ${size}`).toEqual([["start\n100 %\ndone\n"]]);
  }
});

test("an update replaces what its handle shows, in every cell that shows it, and ends text before it", () => {
  const recorder = new Recorder();
  const items = (text: string) => [{ mime: "text/plain", text }];
  recorder.display("a", "h", items("one"));
  recorder.stream("a", "stdout", "text");
  recorder.display("b", "h", items("two"));
  recorder.display("b", "other", items("stays"));
  recorder.update("h", items("three"));
  recorder.update("unheard of", items("four"));
  recorder.error("b", { name: "RangeError", message: "too far" });
  expect(shown(recorder, "a")).toEqual([["three"], ["text"]]);
  expect(shown(recorder, "b")).toEqual([["three"], ["stays"], [{ name: "RangeError", message: "too far" }]]);
  expect([recorder.itemsOf("h"), recorder.itemsOf("unheard of")]).toEqual([items("three"), []]);
});
