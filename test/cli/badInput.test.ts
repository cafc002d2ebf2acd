import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import type { Command } from "../../src/cli/command.js";
import { exportCommand } from "../../src/cli/exchange/exportCommand.js";
import { UnreadableError } from "../../src/cli/files.js";
import { mergeCommand } from "../../src/cli/git/mergeCommand.js";
import { stripCommand } from "../../src/cli/git/stripCommand.js";
import { parseNotebook } from "../../src/document/parseNotebook.js";
import { keepOutputs } from "../../src/document/summary/keepOutputs.js";
import { loadCodec } from "../../src/document/summary/tiles.js";
import { writeNotebook } from "../../src/document/writeNotebook.js";
import { hostileFiles } from "./hostileFiles.js";

const folder = mkdtempSync(join(tmpdir(), "dnb-bad-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, "nb.dnb");
beforeAll(loadCodec);

/** Undefined when it was done; the message when the notebook was refused. */
async function refusal(command: Command, args: readonly string[]): Promise<string | undefined> {
  try {
    await command.run(args);
    return undefined;
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return error.message;
  }
}

describe("a hostile notebook on disk", () => {
  it.each(hostileFiles)("with %s is answered within 2 s, and stays as it is", async (_, make, message) => {
    const bytes = Buffer.from(make());
    writeFileSync(file, bytes);
    const before = process.cpuUsage();
    const refused = await refusal(exportCommand, [file, "-o", join(folder, "nb.ts")]);
    const { user, system } = process.cpuUsage(before);
    if (message) {
      expect(refused).toContain(`${file}: `);
      expect(refused).toMatch(message);
      expect(refused).toMatch(/\(line \d+, column \d+\)$/);
    } else expect(refused).toBeUndefined();
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(readFileSync(file).equals(bytes)).toBe(true);
    // Of this process, so that what else the machine does is not counted.
    expect((user + system) / 1000).toBeLessThan(2000);
  });
});

/** What a save would do with it. */
test.each(hostileFiles.filter(([, , message]) => !message))(
  "a hostile notebook with %s is saved within 2 s, and read again",
  (_, make) => {
    const notebook = parseNotebook(make());
    const before = process.cpuUsage();
    const written = writeNotebook(keepOutputs(notebook));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(2000);
    if (written.length < 1e6) expect(writeNotebook(parseNotebook(written))).toBe(written);
  },
);

describe("a damaged notebook on disk", () => {
  const good = readFileSync("test/fixtures/documents/v1/full.dnb");
  const base = join(folder, "base.dnb");

  it("is never written to, by the commands that write into the notebook that they are given", async () => {
    writeFileSync(base, good);
    let refused = 0;
    for (let at = 0; at < good.length; at += 23) {
      const flipped = Uint8Array.from(good);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      for (const damaged of [good.subarray(0, at), Buffer.from(flipped)]) {
        writeFileSync(file, damaged);
        const names = readdirSync(folder);
        const commands: [Command, string[]][] = [
          [mergeCommand, [base, file, base]],
          [stripCommand, [file]],
        ];
        for (const [command, args] of commands) {
          if ((await refusal(command, args)) === undefined) continue;
          refused++;
          expect(readFileSync(file).equals(damaged), `${command.name}, ${at}`).toBe(true);
          expect(readdirSync(folder)).toEqual(names);
        }
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});
