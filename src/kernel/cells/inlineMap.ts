/** A source map as the comment in which debuggers find it; `source`: the URL of the file that it leads to. */
export function inlineMap(map: string, source?: string): string {
  const content =
    source === undefined ? map : JSON.stringify({ ...(JSON.parse(map) as object), sources: [source] });
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(content, "utf8").toString("base64")}`;
}
