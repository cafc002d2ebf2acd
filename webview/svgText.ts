/** Text inside of an element or of an attribute in double quotes. Characters that XML does not know are left out. */
export function attribute(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** A computed colour as every reader of SVG knows it, and how opaque it is. */
export function paintOf(style: unknown): { readonly colour: string; readonly alpha: number } {
  const text = typeof style === "string" ? style : "#000000";
  const numbers = (text.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
  if (text.startsWith("#") || numbers.length < 3) return { colour: text, alpha: 1 };
  const scale = text.startsWith("color(") ? 255 : 1;
  const bytes = numbers.slice(0, 3).map((value) => Math.min(255, Math.max(0, Math.round(value * scale))));
  return { colour: `rgb(${bytes.join(",")})`, alpha: numbers[3] ?? 1 };
}
