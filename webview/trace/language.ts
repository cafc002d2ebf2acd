/**
 * uPlot asks for a number format in the browser's language while it is loaded, and throws for tags that a system's settings can bring
 * about ("en-US@posix"): then nothing at all would be shown. Imported before it; `restoreLanguage` afterwards.
 */
const broken = !understood(navigator.language);
if (broken) Object.defineProperty(navigator, "language", { value: "en", configurable: true });

export function restoreLanguage(): void {
  if (broken) Reflect.deleteProperty(navigator, "language");
}

function understood(language: string): boolean {
  try {
    return new Intl.NumberFormat(language) !== undefined;
  } catch {
    return false;
  }
}
