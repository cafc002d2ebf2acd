import { decodeHTMLStrict } from "entities";

/** What of a text is markup, as Python's html.parser reads it; an element whose text is no running text goes with all that is in it. */
const MARKUP = new RegExp(
  [
    "<!--[^]*?--\\s*>",
    "<!\\[cdata\\[([^]*?)\\]\\]>",
    "<![a-z][^>]*>",
    "<\\?[^>]*>",
    "<(script|style|template|rt|rp)(?=[\\s/>])[^>]*>[^]*?</\\2\\s*>",
    "</[a-z][^>]*>",
    // Attributes may have ">" between quotation marks.
    "<[a-z][^\\s/>]*(?:[\\s/]+(?:[^\\s/>=]+(?:\\s*=+\\s*(?:'[^']*'|\"[^\"]*\"|(?!['\"])[^>\\s]*))?)?)*>",
  ].join("|"),
  "giu",
);

const ENTITY = /&([a-z][-.a-z0-9]*)(?=[^a-z0-9]);?|&#(?:[0-9]+|x[0-9a-f]+)(?=[^0-9a-f]);?/giu;

/**
 * The text of an HTML fragment: `BeautifulSoup(text, features="html.parser").text`. Tags, comments and declarations go; what only looks like one
 * ("<3", "a < b", a tag that is never closed) stays. Entities become their characters, with or without a semicolon; one that is unknown stays
 * without it.
 */
export function markupText(text: string): string {
  return text.replace(MARKUP, "$1").replace(ENTITY, (reference: string, name: string | undefined) => {
    const whole = reference.endsWith(";") ? reference : `${reference};`;
    const decoded = decodeHTMLStrict(whole);
    return decoded === whole && name !== undefined ? `&${name}` : decoded;
  });
}
