import { beforeAll, describe, expect, it } from "vitest";
import { decodeNotebook } from "../../src/document/decodeNotebook.js";
import { NotebookFormatError } from "../../src/document/notebookFormatError.js";
import { parseNotebook } from "../../src/document/parseNotebook.js";
import { keepOutputs } from "../../src/document/summary/keepOutputs.js";
import { loadCodec } from "../../src/document/summary/tiles.js";
import { writeNotebook } from "../../src/document/writeNotebook.js";

/** What a hostile or broken file may hold. Each is answered, with a notebook or a message, within two seconds on an idle machine. */
const LIMIT = 2000;
const cells = (...list: object[]): string => JSON.stringify({ dnb: 1, cells: list });
const code = (id: string, rest: object = {}) => ({ id, kind: "code", source: [], ...rest });

const inputs: [name: string, text: () => string, message: RegExp | undefined][] = [
  [
    "nested 100,000 deep in an unknown key",
    () => `{"dnb":1,"cells":[],"x":${"[".repeat(1e5)}${"]".repeat(1e5)}}`,
    /nested deeper/,
  ],
  [
    "nested 100,000 deep in an output",
    () =>
      `{"dnb":1,"cells":[{"id":"a","kind":"code","source":[],"outputs":[{"items":[{"mime":"m","json":${'{"a":'.repeat(1e5)}1${"}".repeat(1e5)}}]}]}]}`,
    /nested deeper/,
  ],
  ["100,000 opening brackets", () => "[".repeat(1e5), /nested deeper|ends in the middle/],
  ["100,000 cells", () => cells(...Array.from({ length: 1e5 }, (_, index) => code(`c${index}`))), undefined],
  [
    "100,000 cells of one id",
    () => cells(...Array.from({ length: 1e5 }, () => code("same"))),
    /is also the id of cells\[0\]/,
  ],
  [
    "100 MB of source",
    () => cells(code("a", { source: Array.from({ length: 1000 }, () => "x".repeat(1e5)) })),
    undefined,
  ],
  ["a key that stands twice", () => '{"dnb":1,"cells":[],"cells":[]}', /appears twice/],
  [
    "a key that stands twice, written in two ways",
    () => '{"dnb":1,"cells":[],"x":{"a":1,"\\u0061":2}}',
    /appears twice/,
  ],
  [
    "__proto__ keys at every level",
    () =>
      '{"dnb":1,"__proto__":{"cells":[]},"cells":[{"id":"a","kind":"code","source":[],"__proto__":{"polluted":1}}]}',
    undefined,
  ],
  ["__proto__ twice", () => '{"dnb":1,"cells":[],"__proto__":1,"__proto__":2}', /appears twice/],
  [
    "a byte order mark and CRLF",
    () => `\uFEFF${JSON.stringify(JSON.parse(cells(code("a"))), null, 2).replaceAll("\n", "\r\n")}`,
    undefined,
  ],
  ["lone surrogates", () => cells(code("a", { source: ["\ud800 \udfff"] })), undefined],
  [
    "a picture that is no base64",
    () => cells(code("a", { outputs: [{ items: [{ mime: "image/png", base64: "a!" }] }] })),
    /not valid base64/,
  ],
  [
    "a search whose atlas claims a terabyte",
    () =>
      cells(
        code("a", {
          outputs: [
            {
              items: [
                {
                  mime: "application/vnd.dnb.search+json",
                  json: {
                    record: {},
                    atlas: [{ ids: ["a"], tile: [1e6, 1e6], columns: 1, png: "A".repeat(1e5) }],
                  },
                },
              ],
            },
          ],
        }),
      ),
    undefined,
  ],
  ["10 MB of backslashes", () => cells(code("a", { source: ["\\".repeat(5e6)] })), undefined],
];

beforeAll(loadCodec);

describe("a hostile file", () => {
  it.each(inputs)("with %s", (_, make, message) => {
    const text = make();
    const bytes = new TextEncoder().encode(text);
    const started = process.cpuUsage();
    let failure: unknown;
    try {
      const notebook = decodeNotebook(bytes);
      const written = writeNotebook(keepOutputs(notebook));
      if (bytes.length < 1e6) expect(writeNotebook(parseNotebook(written))).toBe(written);
    } catch (error) {
      failure = error;
    }
    const { user, system } = process.cpuUsage(started);
    if (message) {
      expect(failure).toBeInstanceOf(NotebookFormatError);
      expect((failure as NotebookFormatError).message).toMatch(message);
      expect((failure as NotebookFormatError).position).toBeDefined();
    } else expect(failure).toBeUndefined();
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    // Of this process, so that what else the machine does is not counted.
    expect((user + system) / 1000).toBeLessThan(LIMIT);
  });
});
