import { createHash } from "node:crypto";
import { basename } from "node:path";
import { ERROR, STREAM, textOf } from "../../document/outputs.js";
import { terminalText } from "../../document/terminalText.js";
import type { Cell, Notebook, Output, OutputItem } from "../../document/notebook.js";
import { MIME } from "../../kernel/protocol.js";
import { cellPictures } from "./cellPictures.js";
import { escapeHtml } from "./escapeHtml.js";

export interface PageOptions {
  /** The notebook's file, for a title where it has none. */
  readonly name: string;
  /** What pictures of Markdown cells are relative to. */
  readonly folder: string;
  /** The bundle that draws searches and reports (`dnb.renderSearch`, `dnb.renderReport`). */
  readonly script: string;
  /** For readers of results: what cells show, without their code. */
  readonly hidesCode?: boolean;
}

/**
 * One page with everything in it: no network, no kernel. Its content security policy allows these two scripts, by their hashes, and no
 * others: what a notebook says runs nothing.
 */
export async function htmlPage(
  notebook: Notebook,
  { name, folder, script, hidesCode = false }: PageOptions,
): Promise<string> {
  // A run without a page does not wait for the library.
  const { markdown } = await import("./markdown.js");
  const cells = notebook.cells.map((cell, index) =>
    cell.kind === "markdown"
      ? `<section class="markdown">${markdown(cell.source.join("\n"), cellPictures(cell, folder))}</section>`
      : section(cell, index + 1, hidesCode),
  );
  const usesScript = cells.some((cell) => /class="(search|report)"/.test(cell));
  // Its source map is no part of the page.
  const scripts = usesScript ? [inScript(script.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "")), DRAW] : [];
  const { title } = notebook.meta;
  const policy = [
    "default-src 'none'",
    "img-src data: blob:",
    "style-src 'unsafe-inline'",
    `script-src ${scripts.map(hashOf).join(" ") || "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">
<title>${escapeHtml(typeof title === "string" ? title : basename(name, ".dnb"))}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${cells.join("\n")}
</main>
${scripts.map((text) => `<script>${text}</script>`).join("\n")}
</body>
</html>
`;
}

const hashOf = (script: string): string => `'sha256-${createHash("sha256").update(script).digest("base64")}'`;

function section(cell: Cell, number: number, hidesCode: boolean): string {
  if (hidesCode && !cell.outputs.length) return "";
  const code = hidesCode
    ? ""
    : `<pre class="source" aria-label="Cell ${number}"><code>${escapeHtml(cell.source.join("\n"))}</code></pre>`;
  return `<section id="${escapeHtml(cell.id)}">${code}${cell.outputs.map(show).join("")}</section>`;
}

/** The best of its items that a page can show. */
function show({ items }: Output): string {
  const find = (mime: string): OutputItem | undefined => items.find((item) => item.mime === mime);
  const search = find(MIME.search);
  if (search && "json" in search)
    return `<div class="search"><script type="application/json">${inScript(JSON.stringify(search.json))}</script></div>`;
  const report = find(MIME.report);
  if (report && "json" in report)
    return `<div class="report"><script type="application/json">${inScript(JSON.stringify(report.json))}</script></div>`;
  const error = find(ERROR);
  if (error && "json" in error) {
    const { name, message, stack } = error.json as { name?: string; message?: string; stack?: string };
    return `<pre class="error">${escapeHtml(stack ?? `${name}: ${message}`)}</pre>`;
  }
  const image = items.find((item) => item.mime.startsWith("image/") && "base64" in item);
  const plain = textOf(find(MIME.plain) ?? { mime: "", text: "", extra: {} }) ?? "";
  if (image && "base64" in image)
    return `<img src="data:${escapeHtml(image.mime)};base64,${image.base64}" alt="${escapeHtml(plain)}">`;
  const svg = find(MIME.svg);
  // As an image: a picture's scripts do not run.
  if (svg && textOf(svg) !== undefined) {
    const data = Buffer.from(textOf(svg)!).toString("base64");
    return `<img class="chart" src="data:${MIME.svg};base64,${data}" alt="${escapeHtml(plain)}">`;
  }
  for (const name of ["stdout", "stderr"] as const) {
    const stream = find(STREAM[name]);
    if (stream) return `<pre class="${name}">${escapeHtml(terminalText(textOf(stream) ?? ""))}</pre>`;
  }
  return `<pre class="shown">${escapeHtml(plain)}</pre>`;
}

/** Inside a script element only "</script" and "<!--" mean something; in programs and JSON both occur in strings alone. */
const inScript = (text: string): string => text.replace(/<(?=\/script|!--)/gi, "\\u003c");

const DRAW = `for (const element of document.querySelectorAll(".search"))
  dnb.renderSearch(element, JSON.parse(element.firstElementChild.textContent));
for (const element of document.querySelectorAll(".report"))
  dnb.renderReport(element, JSON.parse(element.firstElementChild.textContent));`;

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1f2328, #d8dee4); --faint: light-dark(#f6f8fa, #161b22); --line: light-dark(#d0d7de, #30363d); --bad: light-dark(#b42318, #ff7b72); --link: light-dark(#0759b8, #58a6ff) }
body { margin: 0; color: var(--ink); background: light-dark(#fff, #0d1117); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 980px; margin: 0 auto; padding: 24px 16px 64px }
section { margin: 0 0 20px }
pre { margin: 0 0 8px; font: 13px/1.45 ui-monospace, monospace; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere }
.source, .markdown pre { padding: 10px 12px; background: var(--faint); border-left: 2px solid var(--line) }
.stdout, .stderr, .shown, .error { padding: 0 14px }
.stderr, .error, .missing { color: var(--bad) }
img { box-sizing: border-box; display: block; max-width: calc(100% - 28px); margin: 0 14px 8px; image-rendering: pixelated }
.chart { padding: 8px; background: #fff; image-rendering: auto }
.markdown img { display: inline-block; max-width: 100%; margin: 0; image-rendering: auto }
.markdown table { display: block; overflow-x: auto; border-collapse: collapse }
.markdown :is(th, td) { padding: 4px 12px; border: 1px solid var(--line) }
.markdown blockquote { margin: 0 0 8px; padding: 0 12px; border-left: 3px solid var(--line); opacity: 0.85 }
.markdown hr { border: 0; border-top: 1px solid var(--line) }
.markdown :not(pre) > code { padding: 1px 4px; border-radius: 4px; background: var(--faint) }
a { color: var(--link) }
code { font-family: ui-monospace, monospace }
@media print {
  @page { margin: 14mm }
  :root { color-scheme: light }
  main { max-width: none; padding: 0 }
  pre, code { print-color-adjust: exact }
  pre, table { overflow: visible !important }
  img { max-height: 240mm; object-fit: contain; object-position: left; break-inside: avoid }
  h1, h2, h3, h4 { break-after: avoid }
  tr, blockquote { break-inside: avoid }
}
`;
