/** In two parts: a debugger that reads the kernel's own source would take the whole for the address of a map. */
const COMMENT = ["//# source", "MappingURL="].join("");

/** A source map as the comment in which debuggers find it; `source`: the URL of the file that it leads to. */
export function inlineMap(map: string, source?: string): string {
  const content =
    source === undefined ? map : JSON.stringify({ ...(JSON.parse(map) as object), sources: [source] });
  return `${COMMENT}data:application/json;base64,${Buffer.from(content, "utf8").toString("base64")}`;
}
