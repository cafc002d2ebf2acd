import { statSync } from "node:fs";

/** Another stamp is another content, as far as the file system tells. */
export function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}:${stat.size}` : "gone";
}
