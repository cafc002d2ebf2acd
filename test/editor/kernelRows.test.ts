import { describe, expect, it } from "vitest";
import { kernelRows } from "../../src/editor/kernelRows.js";

const MB = 2 ** 20;

describe("the Kernels view", () => {
  it("lists a kernel's notebooks, models and memory", () => {
    const heartbeat = {
      type: "heartbeat",
      rss: 163 * MB,
      notebooks: [
        { notebook: "file:///w/a%20b.dnb", state: "busy" },
        { notebook: "file:///w/c.dnb#2", state: "idle" },
      ],
      models: [
        { name: "fashion", device: "cpu", bytes: 5 * MB, state: "loaded", users: 1 },
        { name: "large", state: "loading", users: 2 },
        { name: "old", bytes: 9 * MB, state: "away", users: 0 },
      ],
    } as const;
    const [row] = kernelRows(
      [{ pid: 7, folder: "/home/me/work", heartbeat }],
      [{ pid: 7, folder: "/home/me/work" }],
    );
    expect([row?.kind, row?.label, row?.description]).toEqual(["kernel", "work", "process 7, 160 MB"]);
    expect(row?.children.map(({ kind, label, description }) => [kind, label, description])).toEqual([
      ["model", "fashion", "5 MB, on cpu for 1 session"],
      ["model", "large", "is being loaded"],
      ["model", "old", "9 MB, out of memory until it is used"],
      ["notebook", "a b.dnb", "busy"],
      ["notebook", "c.dnb", "idle"],
    ]);
    expect(row?.children[4]?.notebook).toBe("file:///w/c.dnb#2");
  });

  it("names those of other windows, and one that has said nothing yet", () => {
    const rows = kernelRows([{ pid: 7, folder: "", heartbeat: undefined }], [{ pid: 8, folder: "C:\\w\\x" }]);
    expect(rows.map(({ kind, label, description }) => [kind, label, description])).toEqual([
      ["kernel", "No folder", "process 7"],
      ["otherKernel", "x", "process 8, not this window's"],
    ]);
  });

  it("does not call one another window's that this one has just started; its row is another when it comes", () => {
    const card = [{ pid: 7, folder: "/w" }];
    expect(kernelRows([], card, ["/w"])).toEqual([]);
    const [other] = kernelRows([], card);
    const [own] = kernelRows([{ pid: 7, folder: "/w", heartbeat: undefined }], card);
    expect(own?.id).not.toBe(other?.id);
  });

  it("shows one model that is loaded twice, with other options, as two rows", () => {
    const fashion = { name: "fashion", device: "cpu", bytes: MB, state: "loaded", users: 1 } as const;
    const heartbeat = { type: "heartbeat", rss: MB, notebooks: [], models: [fashion, fashion] } as const;
    const [row] = kernelRows([{ pid: 7, folder: "/w", heartbeat }], []);
    expect(new Set(row?.children.map(({ id }) => id)).size).toBe(2);
  });

  it("reads the same while the memory hardly changes", () => {
    const at = (rss: number) =>
      kernelRows(
        [{ pid: 7, folder: "/w", heartbeat: { type: "heartbeat", rss, notebooks: [], models: [] } }],
        [],
      );
    expect(at(161 * MB)).toEqual(at(163 * MB));
  });
});
