import { homedir, userInfo } from "node:os";
import { describe, expect, it } from "vitest";
import type { Notebook, OutputItem } from "../../src/document/notebook.js";
import { writeNotebook } from "../../src/document/writeNotebook.js";
import { isRedacted, privacyOf, redact, writeRedacted, type Privacy } from "../../src/document/redact.js";

const privacy: Privacy = { homes: ["/home/ada"], user: "ada", secrets: ["correct horse battery"] };
const holding = (...items: OutputItem[]): Notebook => ({
  dnb: 1,
  meta: {},
  cells: [{ id: "a", kind: "code", source: ["/home/ada"], outputs: [{ items, extra: {} }], extra: {} }],
  extra: {},
});
const clean = (text: string, how = privacy): unknown => {
  const [item] =
    redact(holding({ mime: "text/plain", text, extra: {} }), how).cells[0]?.outputs[0]?.items ?? [];
  return item && "text" in item ? item.text : undefined;
};

describe("redact", () => {
  it.each([
    ["at /home/ada/x/cell.ts:3:1", "at ~/x/cell.ts:3:1"],
    ["/home/adage/x", "~/x"],
    ["C:\\Users\\someone\\x", "~\\x"],
    ["/Users/someone/Library", "~/Library"],
    ["/Users/Shared/x", "/Users/Shared/x"],
    ["logged in as ada, Ada@host", "logged in as [user], [user]@host"],
    ["canada adagio ada_x", "canada adagio ada_x"],
    ["key=correct horse battery!", "key=[secret]!"],
    ["hf_abcdefghijklmnopqrstuvwxyz", "[secret]"],
    ["ghp_abcdefghijklmnopqrstuvwxyz0123456789 x", "[secret] x"],
    ["a plain sentence: skate-2", "a plain sentence: skate-2"],
    ...["gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "sk-"].map((start) => [
      `a_b ${start}abcdefghijklmnopqrstuvwxyz0123456789`,
      "a_b [secret]",
    ]),
    ["AKIAABCDEFGHIJKLMNOP", "[secret]"],
    ["xoxb-1234567890-abc", "[secret]"],
    [`AIza${"a".repeat(35)}`, "[secret]"],
    ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijklmnop", "[secret]"],
    // Behind an escape in JSON, where no word begins.
    ["one\nghp_abcdefghijklmnopqrstuvwxyz0123456789", "one\n[secret]"],
    ["one\nsk-abcdefghijklmnopqrstuvwxyz", "one\n[secret]"],
    ["one\nD:\\Users\\someone\\x", "one\n~\\x"],
    ["one\n/Users/Sharedby/x", "one\n~/x"],
  ])("%j becomes %j", (text, expected) => {
    expect(clean(text)).toBe(expected);
    expect(isRedacted({ a: [expected] })).toBe(expected !== text);
    // The quick look at the whole must not overlook what the thorough one finds.
    const whole = holding({ mime: "text/plain", text, extra: {} });
    const bare = { ...whole, cells: whole.cells.map((cell) => ({ ...cell, source: [] })) };
    expect(writeRedacted(bare, privacy)).toBe(writeNotebook(redact(bare, privacy)));
  });

  it("reaches into lines, JSON and its keys, and leaves sources and pictures alone", () => {
    const base64 = Buffer.from("/home/ada/".repeat(30)).toString("base64");
    const picture = `ada${"A".repeat(300)}/ada`;
    const before = holding(
      { mime: "application/vnd.code.notebook.stdout", text: ["ok", "/home/ada/x"], extra: {} },
      {
        mime: "application/json",
        json: { "/home/ada": ["ada", 1, { png: picture }], __proto: null },
        extra: {},
      },
      { mime: "image/png", base64, extra: {} },
    );
    const after = redact(before, privacy);
    expect(after.cells[0]?.outputs[0]?.items).toEqual([
      { mime: "application/vnd.code.notebook.stdout", text: ["ok", "~/x"], extra: {} },
      { mime: "application/json", json: { "~": ["[user]", 1, { png: picture }], __proto: null }, extra: {} },
      { mime: "image/png", base64, extra: {} },
    ]);
    expect(after.cells[0]?.source).toEqual(["/home/ada"]);
    expect(redact(after, privacy)).toBe(after);
    expect(writeRedacted(before, privacy)).toBe(writeNotebook(after));
  });

  it("takes the person and the secrets from the process", () => {
    const real = privacyOf(
      {
        HF_TOKEN: "abcdefgh12",
        MY_PASSWORD: "short",
        PATH: "/usr/bin:/bin",
        AWS_ACCESS_KEY_ID: "k".repeat(20),
      },
      homedir(),
      userInfo().username,
    );
    expect(real.secrets).toEqual(["abcdefgh12", "k".repeat(20)]);
    expect(clean(`${homedir()}/notebooks`, real)).toBe("~/notebooks");
    // A name that is a word says nothing, and replacing it would harm.
    expect(clean("the root of x", { ...real, user: "root" })).toBe("the root of x");
  });
});

describe("what comes in other forms", () => {
  it("a key of several lines, held line by line", () => {
    const key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----";
    const how = { ...privacyOf({ MY_PRIVATE_KEY: key }, "/x", "root") };
    const whole = holding({ mime: "text/plain", text: key.split("\n"), extra: {} });
    const text = writeRedacted(whole, how);
    expect(text).not.toContain("MIIEvQ");
    expect(text).not.toContain("hkiG9w");
  });

  it("parameters that the notebook was run with", () => {
    const given = {
      ...holding(),
      meta: { parameters: { token: "correct horse battery", out: "/home/ada/x", steps: 8 } },
    };
    expect(redact(given, privacy).meta).toEqual({ parameters: { token: "[secret]", out: "~/x", steps: 8 } });
    expect(writeRedacted(given, privacy)).not.toContain("correct horse");
    expect(redact({ ...given, meta: { parameters: { steps: 8 } } }, privacy).meta).toEqual({
      parameters: { steps: 8 },
    });
  });
});

it.each(["eyJ", "-eyJ", "\neyJ", "eyJ.", "eyJ0123456789.", "sk-", "/home/", "C:\\Users\\"])(
  "a text of %j again and again is gone through in less than a second",
  (part) => {
    const whole = holding({ mime: "application/json", json: part.repeat(60_000 / part.length), extra: {} });
    const before = process.cpuUsage();
    writeRedacted(whole, privacy);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(1000);
  },
);
