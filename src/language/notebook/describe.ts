import { ts } from "ts-morph";
import type { NotebookProject } from "./notebookProject.js";

export interface Description {
  readonly span: ts.TextSpan;
  /** TypeScript, as a declaration. */
  readonly code: string;
  /** Markdown. */
  readonly documentation: string;
}

/** What stands at a place, as if its cell had declared it itself. */
export function describe(project: NotebookProject, key: string, offset: number): Description | undefined {
  const cell = project.cell(key);
  const info = project.service.getQuickInfoAtPosition(cell.file, offset);
  if (!info || info.textSpan.start >= cell.text.length) return undefined;
  const text = ts.displayPartsToString(info.displayParts);
  const name = cell.text.slice(info.textSpan.start, info.textSpan.start + info.textSpan.length);
  return {
    span: info.textSpan,
    code: shortened(cell.tail.links.has(name) ? withoutAlias(text) : text),
    documentation: documentation(info.documentation, info.tags),
  };
}

/** Characters of a declaration that is shown: a literal type may be as long as a text. */
const LONGEST = 1500;

export const shortened = (code: string): string =>
  code.length > LONGEST ? `${code.slice(0, LONGEST)}…` : code;

/** Without what says that a name came into the cell by an import, which nobody wrote: as TypeScript shows it in its own cell. */
export const withoutAlias = (text: string): string =>
  text
    .replace(/^\(alias\) new (?=[\w$]+[(<])/gm, "constructor ")
    .replace(/^\(alias\) (?=[\w$]+[(<])/gm, "function ")
    .replace(/^\(alias\) /gm, "")
    .replace(/\nimport \S+$/, "");

/** As Markdown. */
export function documentation(
  parts: readonly ts.SymbolDisplayPart[] | undefined,
  tags: readonly ts.JSDocTagInfo[] = [],
): string {
  const lines = [ts.displayPartsToString(parts ? [...parts] : undefined)];
  for (const { name, text } of tags) {
    const said = ts.displayPartsToString(text);
    if (name === "example")
      lines.push(`*@example*\n${said.includes("```") ? said : `\`\`\`typescript\n${said}\n\`\`\``}`);
    else if (name === "param") lines.push(`*@param* ${said.replace(/^(\S+)\s*-?\s*/, "`$1` — ")}`);
    else lines.push(`*@${name}*${said ? ` ${said}` : ""}`);
  }
  return lines.filter(Boolean).join("\n\n");
}
