import { readFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { toIpynb } from "../../document/formats/toIpynb.js";
import { toScript } from "../../document/formats/script.js";
import type { Notebook } from "../../document/notebook.js";
import { UsageError, type Command } from "../command.js";
import { EXIT } from "../exit.js";
import { openNotebook, prepareFile, writeWhole } from "../files.js";
import { oneOperand, readArguments } from "../readArguments.js";
import { htmlPage } from "../report/htmlPage.js";
import { markdownPage } from "../report/markdownPage.js";

type Format = (notebook: Notebook, name: string, hidesCode: boolean) => string | Promise<string>;

const FORMATS: Readonly<Record<string, Format>> = {
  ".html": (notebook, name, hidesCode) =>
    htmlPage(notebook, {
      name,
      hidesCode,
      folder: dirname(resolve(name)),
      script: readFileSync(join(__dirname, "page.js"), "utf8"),
    }),
  ".ipynb": toIpynb,
  ".md": (notebook, _, hidesCode) => markdownPage(notebook, hidesCode),
  ".ts": toScript,
};

export const exportCommand: Command = {
  name: "export",
  summary: "write a notebook as HTML, Jupyter notebook, Markdown or TypeScript",
  usage: `Usage: dnb export <notebook.dnb> -o <file>

The file's ending says as what: .html (one page that needs nothing else: pictures of Markdown cells are in it, if
they lie in the notebook's folder), .ipynb (nbformat 4.5), .md, or .ts (cells behind "// %%").

      --no-code   leave the code out of HTML and Markdown: what a reader of results wants`,
  run: async (args) => {
    const { values, positionals } = readArguments(args, {
      output: { type: "string", short: "o" },
      "no-code": { type: "boolean" },
    });
    const input = oneOperand("export", "notebook", positionals);
    const { output } = values;
    if (output === undefined) throw new UsageError("export: -o which file?");
    const format = FORMATS[extname(output).toLowerCase()];
    if (!format) throw new UsageError(`${output}: expected an ending of ${Object.keys(FORMATS).join(", ")}`);
    const hidesCode = values["no-code"] ?? false;
    if (hidesCode && !/\.(?:html|md)$/i.test(output))
      throw new UsageError(`--no-code: ${output} would be nothing without its code`);
    prepareFile(output);
    writeWhole(output, await format(openNotebook(input), input, hidesCode));
    return EXIT.ok;
  },
};
