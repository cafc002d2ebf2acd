import { escapeHtml } from "./escapeHtml.js";

/** The little Markdown that notebooks use between cells: headings, paragraphs, lists, code, emphasis, links. Raw HTML is shown as text. */
export function markdown(source: string): string {
  return source
    .split(/^(```[^\n]*\n[^]*?^```[^\n]*$)/m)
    .map((part, index) =>
      index % 2
        ? codeBlock(part)
        : part
            .split(/\n\s*\n/)
            .map(blockOf)
            .join("\n"),
    )
    .join("\n");
}

/** Without its first and last line, which are the fence. */
const codeBlock = (fenced: string): string =>
  `<pre class="source"><code>${escapeHtml(fenced.split("\n").slice(1, -1).join("\n"))}</code></pre>`;

function blockOf(text: string): string {
  const block = text.trim();
  if (!block) return "";
  const heading = /^(#{1,6}) (.*)(?:\n([^]*))?$/.exec(block);
  if (heading) {
    const level = heading[1]?.length ?? 1;
    return `<h${level}>${inline(heading[2] ?? "")}</h${level}>${blockOf(heading[3] ?? "")}`;
  }
  const lines = block.split("\n");
  if (lines.every((line) => /^\s*[-*] /.test(line))) return list("ul", lines, /^\s*[-*] /);
  if (lines.every((line) => /^\s*\d+\. /.test(line))) return list("ol", lines, /^\s*\d+\. /);
  return `<p>${inline(block)}</p>`;
}

const list = (tag: string, lines: readonly string[], mark: RegExp): string =>
  `<${tag}>${lines.map((line) => `<li>${inline(line.replace(mark, ""))}</li>`).join("")}</${tag}>`;

function inline(text: string): string {
  // Code first: nothing in it is markup.
  return text
    .split(/(`[^`]+`)/)
    .map((part) =>
      part.startsWith("`") && part.length > 2
        ? `<code>${escapeHtml(part.slice(1, -1))}</code>`
        : escapeHtml(part)
            .replace(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>")
            .replace(/\*([^*]+)\*/g, "<em>$1</em>")
            .replace(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, '<a href="$2">$1</a>'),
    )
    .join("");
}
