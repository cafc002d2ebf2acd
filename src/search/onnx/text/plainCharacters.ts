/** Typographic ligatures and digraphs, as ftfy spells them out (ftfy.chardata.LIGATURES). */
const LIGATURES: Readonly<Record<string, string>> = {
  ...{ Ĳ: "IJ", ĳ: "ij", ŉ: "ʼn", Ǳ: "DZ", ǲ: "Dz", ǳ: "dz", Ǆ: "DŽ", ǅ: "Dž", ǆ: "dž" },
  ...{ Ǉ: "LJ", ǈ: "Lj", ǉ: "lj", Ǌ: "NJ", ǋ: "Nj", ǌ: "nj" },
  ...{ ﬀ: "ff", ﬁ: "fi", ﬂ: "fl", ﬃ: "ffi", ﬄ: "ffl", ﬅ: "ſt", ﬆ: "st" },
};

const LIGATURE = new RegExp(`[${Object.keys(LIGATURES).join("")}]`, "gu");
/** Full- and half-width forms. */
const WIDE = /[\uff01-\uffef]/gu;
const CONTROL = /[\x00-\x08\x0b\x0e-\x1f\x7f\u206a-\u206f\ufeff\ufff9-\ufffc]/gu;

/**
 * Characters as a keyboard has them: `ftfy.fix_text` (6.3) for text in which no encoding was mistaken. Ligatures are spelt out, full- and half-width
 * forms and curled quotation marks are plain, control characters go, and the result is in NFC. Its mending of mistaken encodings ("cafÃ©") is not here.
 */
export function plainCharacters(text: string): string {
  for (let before = text; ; before = text) {
    text = before
      .replace(LIGATURE, (one) => LIGATURES[one]!)
      .replaceAll("\u3000", " ")
      .replace(WIDE, (one) => one.normalize("NFKC"))
      .replace(/[\u02bc\u2018-\u201b]/gu, "'")
      .replace(/[\u201c-\u201f]/gu, '"')
      .replace(/\r\n?|[\u2028\u2029\x85]/gu, "\n")
      .replace(/\p{Surrogate}/gu, "\ufffd")
      .replace(CONTROL, "")
      .normalize("NFC");
    if (text === before) return text;
  }
}
