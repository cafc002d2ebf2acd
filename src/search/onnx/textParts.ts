import type { PartReport } from "../engine/deviceReport.js";
import type { FolderCard } from "./modelCard.js";

/** The text encoders of a folder of ours, for the report of a device: they are small, and run on the processor wherever the rest is. */
export function textParts({ text, verifiers }: FolderCard): readonly PartReport[] {
  const files = [
    ...(text ? [text] : []),
    ...verifiers.flatMap((verifier) => (verifier.kind === "alignment" ? [verifier.text] : [])),
  ];
  return files.map(({ file }) => ({ part: file, provider: "cpu" }));
}
