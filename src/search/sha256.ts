import crypto from "node:crypto";

/** One call where the runtime has it: a third of the time of a hash object, and a search makes several for each candidate. */
export function sha256(text: string): Buffer {
  if (typeof crypto.hash === "function") return crypto.hash("sha256", text, "buffer");
  return crypto.createHash("sha256").update(text).digest();
}
