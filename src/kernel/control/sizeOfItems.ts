import type { WireItem } from "../protocol.js";

/** In characters, as they go over the wire. */
export function sizeOfItems(items: readonly WireItem[]): number {
  return items.reduce((sum, item) => {
    if ("text" in item) return sum + item.text.length;
    return sum + ("base64" in item ? item.base64.length : JSON.stringify(item.json).length);
  }, 0);
}
