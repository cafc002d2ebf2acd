import { readFileSync } from "node:fs";
import { relative } from "node:path";
import type { Notebook } from "../../document/notebook.js";
import { writeNotebook } from "../../document/writeNotebook.js";
import { UsageError, type Command } from "../command.js";
import { EXIT } from "../exit.js";
import { decodeNamed, openNotebook, writeWhole } from "../files.js";
import { readArguments } from "../readArguments.js";

export const stripCommand: Command = {
  name: "strip",
  summary: "take the outputs out of notebooks",
  usage: `Usage: dnb strip <notebook.dnb>...
       dnb strip -            from stdin to stdout, as a filter of git

Takes the outputs out, and with them what they were computed with; the rest stays byte by byte. A notebook without outputs is not written.

      --check    write nothing; exit code 1 if there is something to take out`,
  run: async (args) => {
    const { values, positionals } = readArguments(args, { check: { type: "boolean" } });
    if (!positionals.length) throw new UsageError("strip: which notebooks?");
    if (positionals.includes("-")) {
      if (positionals.length > 1 || values.check) throw new UsageError("strip -: stdin stands alone");
      // An empty file is one in git too.
      const bytes = readFileSync(0);
      process.stdout.write(bytes.length ? writeNotebook(stripped(decodeNamed("stdin", bytes))) : "");
      return EXIT.ok;
    }
    const found = positionals
      .map((file) => ({ file, notebook: openNotebook(file) }))
      .filter(({ notebook }) => holdsOutputs(notebook));
    for (const { file, notebook } of found) {
      if (values.check) process.stdout.write(`${relative("", file)}: has outputs\n`);
      else writeWhole(file, writeNotebook(stripped(notebook)));
    }
    return values.check && found.length ? EXIT.failed : EXIT.ok;
  },
};

function stripped(notebook: Notebook): Notebook {
  const { environment: _, parameters: __, ...meta } = notebook.meta;
  return { ...notebook, meta, cells: notebook.cells.map((cell) => ({ ...cell, outputs: [] })) };
}

const holdsOutputs = ({ meta, cells }: Notebook): boolean =>
  "environment" in meta || "parameters" in meta || cells.some(({ outputs }) => outputs.length);
