import type { Notebook, Output, OutputItem } from "./notebook.js";
import { writeNotebook } from "./writeNotebook.js";

/** What must not get into a file that others will read. */
export interface Privacy {
  /** Home folders, in any way of writing them. */
  readonly homes: readonly string[];
  /** Of the person; one that is a common word (root, user) gives nobody away and is left alone. */
  readonly user: string;
  /** Values of the environment's tokens, keys and passwords. */
  readonly secrets: readonly string[];
}

const COMMON = new Set(
  "root user users admin administrator runner node home test guest ubuntu debian vscode codespace jovyan nobody app dev default public docker".split(
    " ",
  ),
);
/** Of variables whose values are secrets. */
const SECRET = /(?:TOKEN|SECRET|PASSW|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY)/i;
/**
 * Tokens that are known by their form, wherever they come from: GitHub, Hugging Face, OpenAI, AWS, Slack, Google, JSON web tokens, whose parts
 * are bounded so that no text makes the search for them quadratic.
 */
const TOKENS =
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}|AKIA[A-Z0-9]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[\w-]{30,}|eyJ[\w-]{10,1024}\.[\w-]{10,16384}\.[\w-]{10,})/g;
/**
 * What is rare and stands in each of them, and how many characters after its beginning. Three letters stand in every larger picture by chance,
 * so there the rest is looked at too; an underscore is in none.
 */
const MARKS: readonly (readonly [mark: string, at: readonly number[]])[] = [
  ["_", ["hf", "ghp", "github"].map(({ length }) => length)],
  ...["sk-", "AKIA", "xox", "AIza", "eyJ"].map((start) => [start, [0]] as const),
];
const HOMES = /(?:\/(?:home|Users)\/|\b[A-Za-z]:[\\/]+Users[\\/]+)(?!Shared\b|Public\b)[^\s/\\"'`:*?<>|()]+/g;

/** From the environment of this process. */
export function privacyOf(
  env: Readonly<Record<string, string | undefined>>,
  home: string,
  user: string,
): Privacy {
  const secrets = Object.entries(env).flatMap(([name, value]) =>
    value && SECRET.test(name)
      ? [...writingsOf(value), ...linesOf(value)].filter((part) => part.length >= 8)
      : [],
  );
  return { homes: [home].filter((path) => path.length > 1), user, secrets };
}

/** As it is, and as it stands in JSON and in an object that Node shows. */
const writingsOf = (secret: string): readonly string[] => [
  ...new Set([secret, inJson(secret), secret.replaceAll("\\", "\\\\")]),
];

/** Of a secret that is a file (a PEM key): outputs hold text line by line. Its first and last line say nothing. */
function linesOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/);
  return lines.length > 1 ? lines.filter((line) => !line.startsWith("-----")) : [];
}

/** The canonical text of the notebook, redacted. */
export function writeRedacted(notebook: Notebook, privacy: Privacy): string {
  const text = writeNotebook(notebook);
  return suspicion(privacy)(text) ? writeNotebook(redact(notebook, privacy)) : text;
}

/** The notebook with its outputs' texts and the parameters it was given redacted; sources are the author's own words. */
export function redact(notebook: Notebook, privacy: Privacy): Notebook {
  const clean = cleaner(privacy);
  const given = notebook.meta["parameters"];
  const parameters = cleanValue(given, clean);
  let isChanged = parameters !== given;
  const cells = notebook.cells.map((cell) => {
    const outputs = cell.outputs.map((output) => redactOutput(output, clean));
    if (outputs.every((output, index) => output === cell.outputs[index])) return cell;
    isChanged = true;
    return { ...cell, outputs };
  });
  if (!isChanged) return notebook;
  return parameters === given
    ? { ...notebook, cells }
    : { ...notebook, meta: { ...notebook.meta, parameters }, cells };
}

type Clean = (text: string) => string;

/** What redacts one text. */
export function cleaner({ homes, user, secrets }: Privacy): Clean {
  const paths = homes
    .flatMap((home) => [home, home.replaceAll("\\", "/"), home.replaceAll("\\", "\\\\")])
    .map(escaped);
  // "/root" is a home, "/rooted" is not.
  const own = paths.length ? new RegExp(`(?:${paths.join("|")})(?![\\w-])`, "g") : undefined;
  const name = isTelling(user) ? new RegExp(`(?<![\\w-])${escaped(user)}(?![\\w-])`, "gi") : undefined;
  return (text) => {
    // A picture inside of JSON: long, and not made of words.
    if (text.length > 200 && /^[A-Za-z0-9+/=]+$/.test(text)) return text;
    let clean = text;
    for (const secret of secrets) if (clean.includes(secret)) clean = clean.replaceAll(secret, "[secret]");
    if (own) clean = clean.replace(own, "~");
    clean = clean.replace(HOMES, "~").replace(TOKENS, "[secret]");
    return name ? clean.replace(name, "[user]") : clean;
  };
}

/** Whether there may be something to redact in a notebook's text: most of several MB hold nothing, and this is soon known. */
function suspicion({ homes, user, secrets }: Privacy): (text: string) => boolean {
  const words = new Set(
    [...homes, ...homes.map((home) => home.replaceAll("\\", "/")), ...secrets].flatMap((word) => [
      word,
      inJson(word),
    ]),
  );
  const name = isTelling(user) ? new RegExp(escaped(user), "i") : undefined;
  // In JSON a line may begin behind the characters of an escape ("\n"), where no word does: the first condition of both patterns.
  const loosely = (pattern: RegExp): string =>
    pattern.source.replace("\\b", "(?:\\b|(?<=\\\\(?:[bfnrt]|u[0-9a-fA-F]{4})))");
  const token = new RegExp(loosely(TOKENS), "y");
  const hasToken = (text: string): boolean =>
    MARKS.some(([mark, places]) => {
      for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1))
        for (const place of places) {
          token.lastIndex = at - place;
          if (at >= place && token.test(text)) return true;
        }
      return false;
    });
  const home = new RegExp(loosely(HOMES));
  return (text) =>
    [...words].some((word) => text.includes(word)) ||
    (["/home/", "Users"].some((start) => text.includes(start)) && home.test(text)) ||
    hasToken(text) ||
    (name?.test(text) ?? false);
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

function redactOutput(output: Output, clean: Clean): Output {
  const items = output.items.map((item) => redactItem(item, clean));
  return items.every((item, index) => item === output.items[index]) ? output : { ...output, items };
}

function redactItem(item: OutputItem, clean: Clean): OutputItem {
  if ("base64" in item) return item;
  if ("json" in item) {
    const json = cleanValue(item.json, clean);
    return json === item.json ? item : { ...item, json };
  }
  // Line by line: a secret of several lines is looked for by its lines too.
  const text = typeof item.text === "string" ? clean(item.text) : cleanValue(item.text, clean);
  return text === item.text ? item : { ...item, text: text as string | readonly string[] };
}

/** Whether a redacted value has lost something, so that it is not the value any more that it was. */
export function isRedacted(value: unknown): boolean {
  if (typeof value === "string") return /\[secret\]|\[user\]|~(?:[\\/]|$)/.test(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) => isRedacted(key) || isRedacted(inner));
}

/** With all strings and keys in it clean; the value itself when there is nothing to clean. */
export function cleanValue(value: unknown, clean: Clean): unknown {
  if (typeof value === "string") return clean(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const values = value.map((inner) => cleanValue(inner, clean));
    return values.some((inner, index) => inner !== value[index]) ? values : value;
  }
  let isChanged = false;
  const entries = Object.entries(value).map(([key, inner]) => {
    const [cleanKey, cleanInner] = [clean(key), cleanValue(inner, clean)];
    isChanged ||= cleanKey !== key || cleanInner !== inner;
    return [cleanKey, cleanInner] as const;
  });
  return isChanged ? Object.fromEntries(entries) : value;
}

const isTelling = (user: string): boolean => user.length > 2 && !COMMON.has(user.toLowerCase());

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
