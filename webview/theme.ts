/** The colours of the window, as a canvas takes them. The style sheet maps `--dnb-*` to VS Code's own variables. */
export interface Theme {
  readonly foreground: string;
  readonly muted: string;
  readonly accent: string;
  readonly background: string;
  readonly line: string;
  readonly grid: string;
  readonly link: string;
  readonly error: string;
  /** For lines; the first is the searched verifier's. */
  readonly series: readonly string[];
  /** The same, strong enough for text. */
  readonly seriesText: readonly string[];
  readonly font: string;
  readonly dark: boolean;
  readonly contrast: boolean;
}

const SERIES = 8;

/** A probe element resolves variables, `color-mix` and fonts the way the page would. */
export function readTheme(probe: HTMLElement): Theme {
  const style = getComputedStyle(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--dnb-${name})`;
    return style.color;
  };
  const each = (name: string): string[] => Array.from({ length: SERIES }, (_, i) => colour(`${name}-${i}`));
  const theme = {
    foreground: colour("foreground"),
    muted: colour("muted"),
    accent: colour("accent"),
    background: colour("background"),
    line: colour("line"),
    grid: colour("grid"),
    link: colour("link"),
    error: colour("error"),
    series: each("series"),
    seriesText: each("series-text"),
    font: style.fontFamily,
  };
  probe.style.color = "";
  const kind = document.body.classList;
  return {
    ...theme,
    dark: luminance(theme.background) < 0.4,
    contrast: kind.contains("vscode-high-contrast") || kind.contains("vscode-high-contrast-light"),
  };
}

/**
 * Calls back when the window's theme changes: VS Code sets variables on the document's element and classes on its body. `printed`: the page is
 * about to be printed, or was; what is to be on the paper must be drawn when it returns.
 */
export function onThemeChange(changed: () => void, printed: () => void): () => void {
  const observer = new MutationObserver(changed);
  const attributes = {
    attributes: true,
    attributeFilter: ["class", "style", "data-vscode-theme-id", "data-vscode-theme-kind"],
  };
  observer.observe(document.body, attributes);
  observer.observe(document.documentElement, attributes);
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const paper = matchMedia("print");
  scheme.addEventListener("change", changed);
  paper.addEventListener("change", printed);
  return () => {
    observer.disconnect();
    scheme.removeEventListener("change", changed);
    paper.removeEventListener("change", printed);
  };
}

/** Of `rgb(r, g, b)` or `color(srgb r g b)`; roughly, it only decides between light and dark. */
function luminance(colour: string): number {
  const scale = colour.startsWith("color") ? 1 : 255;
  const [red = 255, green = 255, blue = 255] = (colour.match(/[\d.]+(?:e-\d+)?/g) ?? []).map(Number);
  return (0.3 * red + 0.59 * green + 0.11 * blue) / scale;
}
