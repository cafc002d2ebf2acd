const cells = (...list: object[]): string => JSON.stringify({ dnb: 1, cells: list });
const code = (id: string, rest: object = {}) => ({ id, kind: "code", source: [], ...rest });

/** What a hostile or broken file may hold; `message`: why it is refused, if it is. */
export const hostileFiles: [name: string, text: () => string, message: RegExp | undefined][] = [
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
