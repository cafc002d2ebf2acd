import { address } from "../engine/tensorId.js";

/** "s" and the first 8 hex digits of the hash of what was asked. */
export function runHash(asked: unknown): string {
  return `s${address(asked).slice(0, 8)}`;
}

/** Names runs so that repetitions differ: "s0123abcd", then "s0123abcd-2" and so on. */
export function runNames(): (hash: string) => string {
  const counts = new Map<string, number>();
  return (hash) => {
    const count = (counts.get(hash) ?? 0) + 1;
    counts.set(hash, count);
    return count === 1 ? hash : `${hash}-${count}`;
  };
}
