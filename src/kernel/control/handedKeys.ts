/**
 * Keys that the editor hands over at the start, by name, taken out of the environment: cells and the programs that they start find them
 * nowhere, only `endpoint` looks them up.
 */
export const handedKeys: Readonly<Record<string, string>> = take();

function take(): Record<string, string> {
  const text = process.env["DNB_KEYS"];
  delete process.env["DNB_KEYS"];
  if (!text) return {};
  try {
    const value: unknown = JSON.parse(text);
    const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
    return Object.fromEntries(
      entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
    );
  } catch {
    return {};
  }
}
