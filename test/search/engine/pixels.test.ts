import { describe, expect, it } from "vitest";
import { fromPixels, toPixels } from "../../../src/search/engine/pixels.js";

describe("pixels", () => {
  it.each([1, 3] as const)("of %i channel(s) come back as the state that gives them again", (channels) => {
    const [width, height] = [5, 3];
    const data = Uint8Array.from({ length: channels * width * height }, (_, i) => (i * 37) % 256);
    const states = new Float32Array(2 * data.length).fill(7);
    fromPixels({ width, height, channels, data }, states, data.length);
    expect([...states.subarray(0, data.length)]).toEqual([...data].map(() => 7));
    const state = { data: states.slice(data.length), shape: [channels, height, width] };
    expect(toPixels(state)).toEqual({ width, height, channels, data });
    // Planes, one after the other: the second value of the first row is the second pixel's first channel.
    expect(state.data[1]).toBeCloseTo(data[channels]! / 127.5 - 1, 6);
  });
});
