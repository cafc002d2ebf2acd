/** Prefix of what a cell declares under the name of a global: `const process = 1` becomes `$dnb$process` and hides nothing. */
const PREFIX = "$dnb$";

/** Names that Node gives to each module; a cell finds its own under the mangled name. */
export const MODULE_NAMES = ["require", "module", "exports", "__filename", "__dirname"] as const;

export const mangle = (name: string): string => PREFIX + name;

/** Also inside a message, where a person reads it. */
export const unmangle = (text: string): string => text.replaceAll(PREFIX, "");
