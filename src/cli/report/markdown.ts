import MarkdownIt, { type Token } from "markdown-it";
import type { Picture } from "./cellPictures.js";
import { escapeHtml } from "./escapeHtml.js";

/**
 * CommonMark with tables, strikethrough and bare links. HTML is off, so it is shown as text, and links to javascript:, vbscript:, file: and
 * data: are none: the library's own defaults, which VS Code's renderer, the same library, starts from too.
 */
const reader = new MarkdownIt({ html: false, linkify: true });

/** A Markdown cell as HTML without scripts, handlers and anything that would be loaded. `picture`: for each address of a picture. */
export function markdown(source: string, picture: (address: string) => Picture): string {
  const tokens = reader.parse(source, {});
  for (const token of all(tokens)) {
    if (token.type === "image") settle(token, picture(addressOf(token, "src")));
    // What the page's reader follows is not told where from.
    if (token.type === "link_open") token.attrSet("rel", "noopener noreferrer");
  }
  return reader.renderer.render(tokens, reader.options, {});
}

/** The addresses of pictures and links in a Markdown cell, percent-encoded. */
export const addressesIn = (source: string): string[] =>
  all(reader.parse(source, {})).flatMap((token) =>
    token.type === "image"
      ? [addressOf(token, "src")]
      : token.type === "link_open"
        ? [addressOf(token, "href")]
        : [],
  );

function settle(token: Token, found: Picture): void {
  if ("data" in found) return token.attrSet("src", found.data);
  token.type = "html_inline";
  token.content = `<span class="missing">[${escapeHtml(token.content || "picture")}: ${escapeHtml(found.missing)}]</span>`;
}

const all = (tokens: readonly Token[]): Token[] =>
  tokens.flatMap((token) => [token, ...all(token.children ?? [])]);

const addressOf = (token: Token, attribute: "src" | "href"): string => String(token.attrGet(attribute) ?? "");
