import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError, type Command } from "../command.js";
import { EXIT } from "../exit.js";
import { writeWhole } from "../files.js";
import { readArguments } from "../readArguments.js";

export const gitSetupCommand: Command = {
  name: "git-setup",
  summary: "let git diff and merge the notebooks of a repository",
  usage: `Usage: dnb git-setup [--strip] [--undo]

Registers, in the configuration of the repository that you are in, \`dnb textconv\` for diffs and \`dnb merge\` for merges of *.dnb, and says so
in its .gitattributes, which is to be committed. Each clone runs this once; one that has not treats notebooks as any text.

      --strip   also keep outputs out of commits (\`dnb strip\` as a clean filter); those in your files stay
      --undo    take all of it back`,
  run: async (args) => {
    const { values, positionals } = readArguments(args, {
      strip: { type: "boolean" },
      undo: { type: "boolean" },
    });
    if (positionals.length)
      throw new UsageError(`git-setup takes no operand, but there is ${positionals.join(", ")}`);
    const top = git("rev-parse", "--show-toplevel");
    if (top.status !== 0) throw new UsageError("git-setup: this folder is in no git repository");
    const attributes = join(top.stdout.trim(), ".gitattributes");
    const wanted = values.undo ? [] : [`*.dnb diff=dnb merge=dnb${values.strip ? " filter=dnb" : ""}`];
    setAttributes(attributes, wanted);
    for (const section of ["diff.dnb", "merge.dnb", "filter.dnb"])
      git("config", "--local", "--remove-section", section);
    if (values.undo) {
      process.stdout.write("git treats *.dnb as any text again\n");
      return EXIT.ok;
    }
    const dnb = [process.execPath, process.argv[1] ?? __filename].map(quoted).join(" ");
    const settings = {
      "diff.dnb.textconv": `${dnb} textconv`,
      "diff.dnb.cachetextconv": "true",
      "merge.dnb.name": "notebooks, cell by cell",
      "merge.dnb.driver": `${dnb} merge --name %P %O %A %B`,
      ...(values.strip && { "filter.dnb.clean": `${dnb} strip -`, "filter.dnb.required": "true" }),
    };
    for (const [key, value] of Object.entries(settings)) {
      const { status, stderr } = git("config", "--local", key, value);
      if (status !== 0) throw new Error(`git config ${key} failed: ${stderr}`);
    }
    process.stdout.write(`git diffs and merges *.dnb cell by cell here; commit ${attributes}\n`);
    return EXIT.ok;
  },
};

const git = (...args: string[]) => spawnSync("git", args, { encoding: "utf8" });

/** git runs its drivers through a shell. */
const quoted = (word: string): string => `'${word.replaceAll("\\", "/").replaceAll("'", `'\\''`)}'`;

/** Our line in the place of an earlier one of ours; all other lines stay. */
function setAttributes(file: string, wanted: readonly string[]): void {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const others = before.split("\n").filter((line) => !/^\*\.dnb\s.*(?:diff|merge|filter)=dnb/.test(line));
  const lines = [
    ...others
      .join("\n")
      .trimEnd()
      .split("\n")
      .filter((line, index, all) => line || index < all.length - 1),
    ...wanted,
  ];
  const after = lines.length ? `${lines.join("\n")}\n` : "";
  if (after !== before) writeWhole(file, after);
}
