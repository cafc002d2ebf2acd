/** Standard base64 with padding. Node's own way is several times as fast; a browser has none of it. */
export function toBase64(bytes: Uint8Array): string {
  const node = nodeBuffer();
  if (node) return node.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** The bytes of valid base64; throws for other text where there is no Node. */
export function fromBase64(text: string): Uint8Array {
  const node = nodeBuffer();
  if (node) return node.from(text, "base64");
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

const nodeBuffer = (): typeof Buffer | undefined => (globalThis as { Buffer?: typeof Buffer }).Buffer;
