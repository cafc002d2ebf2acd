import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { computeAxis } from "../../webview/axis.js";
import { modelOf } from "../../webview/state/model.js";
import { parseOutput } from "../../webview/state/parse.js";
import { initialState, reduce } from "../../webview/state/reduce.js";
import { panBy, windowOf, zoomAbout, zoomTo, type Span } from "../../webview/zoom.js";
import { makeOutput } from "./fixtures/records.js";

const output = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, pictures: false });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const span = fc
  .tuple(share, fc.double({ min: 0.001, max: 0.9, noNaN: true }))
  .map(([from, width]) => zoomTo([from, from + width])!);

describe("zoom along compute", () => {
  test("whatever is asked for lies on the axis", () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (from, to) => {
        const zoom = zoomTo([from, to]);
        if (!zoom) return;
        expect(zoom[0]).toBeGreaterThanOrEqual(0);
        expect(zoom[1]).toBeLessThanOrEqual(1 + 1e-12);
        expect(zoom[1]).toBeGreaterThan(zoom[0]);
      }),
    );
  });

  test("closer about a place keeps what stands there; panning keeps the width", () => {
    fc.assert(
      fc.property(span, share, (zoom, at) => {
        const closer = zoomAbout(zoom, at, 2)!;
        const placeIn = ([from, to]: Span): number => from + at * (to - from);
        if (zoom[1] - zoom[0] > 0.003) expect(placeIn(closer)).toBeCloseTo(placeIn(zoom), 9);
        const moved = panBy(zoom, at - 0.5)!;
        expect(moved[1] - moved[0]).toBeCloseTo(zoom[1] - zoom[0], 9);
      }),
    );
    expect(panBy(undefined, 0.5)).toBeUndefined();
    expect(zoomAbout([0.2, 0.7], 0.5, 0.5)).toBeUndefined();
  });

  test("the window of the axis has ticks in whole numbers inside it", () => {
    const axis = computeAxis(modelOf(parseOutput(output).record));
    expect(windowOf(axis, undefined)).toEqual({ from: 0, to: 256, ticks: axis.ticks });
    const { from, to, ticks } = windowOf(axis, [0.25, 0.375]);
    expect([from, to]).toEqual([64, 96]);
    expect(ticks.length).toBeGreaterThan(2);
    expect(ticks.every((tick) => Number.isInteger(tick) && tick >= from && tick <= to)).toBe(true);
  });

  test("the reducer takes it, and gives the same state for the same", () => {
    const state = initialState(output, "live");
    const zoomed = reduce(state, { type: "zoom", span: [0.5, 0.6] });
    expect(zoomed.zoom).toEqual([0.5, 0.6]);
    expect(reduce(zoomed, { type: "zoom", span: [0.5, 0.6] })).toBe(zoomed);
    expect("zoom" in reduce(zoomed, { type: "zoom", span: [-3, 9] })).toBe(false);
    expect(reduce(state, { type: "zoom", span: [NaN, NaN] }).zoom).toBeUndefined();
  });
});
