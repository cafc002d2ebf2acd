// Finds, for every concept of emojibase, its picture in every icon package.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { LEFT_OUT_GROUPS } from "./sources.mjs";

const here = import.meta.dirname;
export const packageFile = (name, file) => path.join(here, "node_modules", name, file);
const json = (name, file) => JSON.parse(readFileSync(packageFile(name, file), "utf8"));
const bare = (text) =>
  text
    .toLowerCase()
    .replace(/&/g, "and")
    .replace(/[^a-z0-9]/g, "");
const hex = (code) => code.toLowerCase().replaceAll("-fe0f", "").replace(/^0+/, "");

/** Small words that say nothing about the picture. */
const SMALL = new Set(["a", "an", "the", "with", "of", "on", "in", "to", "and", "or", "for", "at", "s"]);

/** Words of a text, as training and the tokenizer of the card split it. */
export function words(text) {
  const plain = text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/['’]/g, "");
  return (plain.match(/[a-z0-9]+/g) ?? []).filter((word) => !SMALL.has(word));
}

/** The concepts: emojibase entries with a group, without flags and components. */
export function concepts() {
  const { groups, subgroups } = json("emojibase-data", "meta/groups.json");
  const shortcodes = ["emojibase", "github", "joypixels", "cldr", "iamcal"]
    .map((name) => `en/shortcodes/${name}.json`)
    .filter((file) => existsSync(packageFile("emojibase-data", file)))
    .map((file) => json("emojibase-data", file));
  const unicode = json("emojibase-data", "meta/unicode-names.json");
  return json("emojibase-data", "en/data.json")
    .filter((entry) => entry.group !== undefined && !LEFT_OUT_GROUPS.has(entry.group))
    .sort((a, b) => a.order - b.order)
    .map((entry) => ({
      label: entry.label,
      emoji: entry.emoji,
      hex: hex(entry.hexcode),
      group: groups[entry.group],
      subgroup: subgroups[entry.subgroup],
      words: [...new Set(words(entry.label))],
      tags: [...new Set((entry.tags ?? []).flatMap(words))].filter(
        (word) => !words(entry.label).includes(word),
      ),
      aliases: [unicode[entry.hexcode], ...shortcodes.flatMap((table) => table[entry.hexcode] ?? [])].filter(
        Boolean,
      ),
    }));
}

/** The names by which other sets know an emoji: from the sets that carry a table of code points. */
function otherNames() {
  const names = new Map();
  for (const name of ["@iconify-json/noto", "@iconify-json/twemoji", "@iconify-json/fluent-emoji-flat"]) {
    const set = json(name, "icons.json");
    const known = new Map();
    for (const [alias, { parent }] of Object.entries(set.aliases ?? {})) {
      known.set(parent, [...(known.get(parent) ?? []), alias]);
    }
    for (const [code, icon] of Object.entries(json(name, "chars.json"))) {
      const key = hex(code);
      names.set(key, [...(names.get(key) ?? []), icon, ...(known.get(icon) ?? [])]);
    }
  }
  return names;
}

function fromFiles(source, list) {
  const files = new Map();
  for (const file of readdirSync(packageFile(source.package, source.files)).sort()) {
    const key = hex(file.replace(/\.\w+$/, ""));
    if (!files.has(key)) files.set(key, packageFile(source.package, `${source.files}/${file}`));
  }
  return list.map((concept) => (files.has(concept.hex) ? { file: files.get(concept.hex) } : null));
}

function fromIcons(source, list, names) {
  const set = json(source.package, "icons.json");
  const byName = new Map();
  for (const name of Object.keys(set.icons)) {
    const key = bare(name.replace(/-1$/, ""));
    if (!byName.has(key)) byName.set(key, name);
  }
  for (const [name, { parent, ...change }] of Object.entries(set.aliases ?? {})) {
    if (Object.keys(change).length === 0 && parent in set.icons && !byName.has(bare(name)))
      byName.set(bare(name), parent);
  }
  const byCode = new Map();
  const table = source.names ?? source.package;
  if (existsSync(packageFile(table, "chars.json"))) {
    for (const [code, name] of Object.entries(json(table, "chars.json"))) {
      const icon = name in set.icons ? name : set.aliases?.[name]?.parent;
      if (icon in set.icons && !byCode.has(hex(code))) byCode.set(hex(code), icon);
    }
  }
  // Three rounds, the surest first; an icon already taken isn't given to a second concept.
  const found = list.map((concept) => byCode.get(concept.hex) ?? null);
  const taken = new Set(found.filter(Boolean));
  const rounds = [(c) => [c.label], (c) => names.get(c.hex) ?? [], (c) => c.aliases];
  if (byCode.size === 0) {
    for (const candidates of rounds) {
      list.forEach((concept, index) => {
        if (found[index]) return;
        const icon = candidates(concept)
          .map((name) => byName.get(bare(name)))
          .find((name) => name && !taken.has(name));
        if (!icon) return;
        found[index] = icon;
        taken.add(icon);
      });
    }
  }
  return found.map((name) => {
    if (!name) return null;
    const icon = set.icons[name];
    const [left, top] = [icon.left ?? set.left ?? 0, icon.top ?? set.top ?? 0];
    const [width, height] = [icon.width ?? set.width ?? 16, icon.height ?? set.height ?? 16];
    return {
      svg: `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${left} ${top} ${width} ${height}" width="256" height="256">${icon.body}</svg>`,
      icon: name,
    };
  });
}

/** For one source: a picture or null per concept. */
export function pictures(source, list, names = otherNames()) {
  return source.files ? fromFiles(source, list) : fromIcons(source, list, names);
}
