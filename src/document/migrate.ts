import { describe, Misfit } from "./shape.js";

/** A document of any version, as JSON. */
export type Document = Readonly<Record<string, unknown>>;

/** The format's major version that this code reads and writes. */
export const VERSION = 1;

/**
 * The steps that older documents go through: the entry at index i turns version i + 1 into version i + 2. Pure, and never changed once
 * released: a notebook of each version opens for ever. A change of the format adds a step here, raises `VERSION`, and puts a
 * fixture into test/fixtures/documents.
 */
export const migrations: readonly ((document: Document) => Document)[] = [];

/** The document in version `version`. Throws Misfit for what is no version and for one that is newer. */
export function migrate(
  document: Document,
  steps: readonly ((document: Document) => Document)[] = migrations,
  version = VERSION,
): Record<string, unknown> {
  const { dnb } = document;
  if (dnb === undefined)
    throw new Misfit('not a notebook: the key "dnb" (the format\'s version) is missing', []);
  if (typeof dnb !== "number" || !Number.isInteger(dnb) || dnb < 1)
    throw new Misfit(`expected the format's version, ${version}, found ${describe(dnb)}`, ["dnb"]);
  if (dnb > version) {
    const what = `the notebook has format version ${dnb} and needs a newer version of Diffusion Notebook; this one reads version ${version}`;
    throw new Misfit(what, ["dnb"], "version");
  }
  return steps
    .slice(dnb - 1, version - 1)
    .reduce<Document>((older, step, index) => ({ ...step(older), dnb: dnb + index + 1 }), document);
}
