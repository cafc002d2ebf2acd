export interface NewSource {
  readonly path: string;
  readonly name?: string;
}

/** Changes, in place, the path of each source in a message of the debug adapter protocol; `map` gives the new one, or undefined. */
export function rewriteSources(message: unknown, map: (path: string) => NewSource | undefined): void {
  if (typeof message !== "object" || message === null) return;
  if ("source" in message) {
    const { source } = message;
    if (
      typeof source === "object" &&
      source !== null &&
      "path" in source &&
      typeof source.path === "string"
    ) {
      const found = map(source.path);
      if (found !== undefined) {
        Object.assign(source, found);
        // A number of the adapter's own would be asked for the text; the path is enough.
        if ("sourceReference" in source) delete source.sourceReference;
      }
    }
  }
  for (const value of Object.values(message)) rewriteSources(value, map);
}
