import { homedir, userInfo } from "node:os";
import { privacyOf, type Privacy } from "../redact.js";

/** Of the person at this machine. */
export function privacyHere(): Privacy {
  return privacyOf(process.env, homedir(), userName());
}

/** A user id without a name (a container's) has none to give away. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env["USER"] ?? process.env["USERNAME"] ?? "";
  }
}
