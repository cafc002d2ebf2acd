import { decodeHTML } from "entities";
import { markupText } from "./markupText.js";
import { plainCharacters } from "./plainCharacters.js";

/** Characters beyond which a caption is cut before it is cleaned: several times what the encoder takes, and some patterns take time by their square. */
const LONGEST = 6000;

/** Lower case, trimmed: what the pipelines do to a prompt when they do not clean it. */
export const plainCaption = (caption: string): string => stripped(caption).toLowerCase();

/**
 * A prompt as PixArt's pipelines clean it by default (`_clean_caption` of diffusers 0.42, twice), with the packages that they ask for, BeautifulSoup and ftfy:
 * lower case; without markup, addresses, file names, article numbers, Chinese characters and most punctuation. A mistaken encoding is not mended.
 */
export function cleanCaption(caption: string): string {
  return cleanedOnce(cleanedOnce(caption.slice(0, LONGEST)));
}

function cleanedOnce(caption: string): string {
  let text = replaced(plainCaption(unquoted(caption)), ADDRESSES);
  text = replaced(markupText(text), SIGNS);
  if ((text.match(/[-_]/gu) ?? []).length > 3) text = text.replace(/[-_]/gu, " ");
  text = decodeHTML(decodeHTML(plainCharacters(text)));
  return stripped(replaced(text, LEFTOVERS));
}

/** Python's urllib.parse.unquote_plus. */
function unquoted(text: string): string {
  return text.replaceAll("+", " ").replace(/(?:%[0-9a-f]{2})+/giu, (run) => {
    const bytes = run.match(/[0-9a-f]{2}/giu)!.map((digits) => parseInt(digits, 16));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  });
}

const stripped = (text: string): string => text.replace(STRIPPED, "");

type Rule = readonly [pattern: RegExp, by: string];

function replaced(text: string, rules: readonly Rule[]): string {
  return rules.reduce((now, [pattern, by]) => now.replace(pattern, by), text);
}

/**
 * A pattern of Python's re with JavaScript's own: there \w, \d, \s and \b know all of Unicode. Inside of a class only \w, \d and \s may stand.
 * `once`: bound to an end of the text.
 */
function python(source: string): RegExp {
  const word = "\\p{L}\\p{N}_";
  const space = "\\s\\x1c-\\x1f\\x85";
  let inClass = false;
  const translated = source.replace(/\\(.)|[[\]]/gu, (whole: string, letter: string | undefined) => {
    if (letter === undefined) inClass = whole === "[";
    switch (letter) {
      case "w":
        return inClass ? word : `[${word}]`;
      case "s":
        return inClass ? space : `[${space}]`;
      case "d":
        return "\\p{Nd}";
      case "D":
        return "\\P{Nd}";
      case "S":
        return `[^${space}]`;
      case "b":
        return `(?:(?<=[${word}])(?![${word}])|(?<![${word}])(?=[${word}]))`;
      default:
        return whole;
    }
  });
  return new RegExp(translated, "gu");
}

const STRIPPED = python("^\\s+|\\s+$");

const address = (start: string): RegExp =>
  python(
    `\\b(?:${start}:(?:\\/{1,3}|[a-zA-Z0-9%])|[a-zA-Z0-9.\\-]+[.](?:com|co|ru|net|org|edu|gov|it)[\\w\\/\\-]*\\b\\/?(?!@))`,
  );

const ADDRESSES: readonly Rule[] = [
  [/<person>/gu, "person"],
  [address("https?"), ""],
  [address("www"), ""],
];

const SIGNS: readonly Rule[] = [
  // Nicknames.
  [python("@[\\w\\d]+\\b"), ""],
  // Strokes, phonetic extensions, enclosed and compatible letters, ideographs.
  [/[\u31c0-\u31ef\u31f0-\u4dbf\u4dc0-\u9fff]+/gu, ""],
  [
    /[\u002D\u058A\u05BE\u1400\u1806\u2010-\u2015\u2E17\u2E1A\u2E3A\u2E3B\u2E40\u301C\u3030\u30A0\uFE31\uFE32\uFE58\uFE63\uFF0D]+/gu,
    "-",
  ],
  [/[`´«»“”¨]/gu, '"'],
  [/[‘’]/gu, "'"],
  [/&quot;?/gu, ""],
  [/&amp/gu, ""],
  // IP addresses, ids of articles.
  [python("\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}"), " "],
  [python("\\d:\\d\\d\\s+$"), ""],
  [/\\n/gu, " "],
  [python("#\\d{1,3}\\b"), ""],
  [python("#\\d{5,}\\b"), ""],
  [python("\\b\\d{6,}\\b"), ""],
  // File names.
  [python("\\S+\\.(?:png|jpg|jpeg|bmp|webp|eps|pdf|apk|mp4)"), ""],
  [/["']{2,}/gu, '"'],
  [/\.{2,}/gu, " "],
  [/[#®•©™&@·º½¾¿¡§~()[\]{}|\\/*]+/gu, " "],
  [python("\\s+\\.\\s+"), " "],
];

const LEFTOVERS: readonly Rule[] = [
  // jc6640, jc6640vc, 6640vc231
  [python("\\b[a-zA-Z]{1,3}\\d{3,15}\\b"), ""],
  [python("\\b[a-zA-Z]+\\d+[a-zA-Z]+\\b"), ""],
  [python("\\b\\d+[a-zA-Z]+\\d+\\b"), ""],
  [python("(worldwide\\s+)?(free\\s+)?shipping"), ""],
  [python("(free\\s)?download(\\sfree)?"), ""],
  [python("\\bclick\\b\\s(?:for|on)\\s\\w+"), ""],
  [python("\\b(?:png|jpg|jpeg|bmp|webp|eps|pdf|apk|mp4)(\\simages?)?"), ""],
  [python("\\bpage\\s+\\d+\\b"), ""],
  [python("\\b\\d*[a-zA-Z]+\\d+[a-zA-Z]+\\d+[a-zA-Z\\d]*\\b"), " "],
  // Sizes: 3x4, with the Latin and the Cyrillic letter.
  [python("\\b\\d+\\.?\\d*[xх×]\\d+\\.?\\d*\\b"), ""],
  [python("\\b\\s+:\\s+"), ": "],
  [python("(\\D[,.\\/])\\b"), "$1 "],
  [python("\\s+"), " "],
  [/^["']([^]+)["']$/gu, "$1"],
  [/^['_,\-:;]/gu, ""],
  [/['_,\-:+]$/gu, ""],
  [python("^\\.\\S+$"), ""],
];
