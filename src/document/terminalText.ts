/**
 * What a terminal would show after it has printed the text: carriage returns and backspaces move back within the line, `ESC[K` clears to its
 * end, colours and other escapes are left out. For places that are no terminal.
 */
export function terminalText(text: string): string {
  if (!/[\r\b\u001b]/.test(text)) return text;
  return text.replace(/\r+\n/g, "\n").split("\n").map(line).join("\n");
}

const PART =
  /\u001b\[([0-9;?]*)([A-Za-z])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[\r\b]|[^\r\b\u001b]+|\u001b/g;

function line(text: string): string {
  if (!/[\r\b\u001b]/.test(text)) return text;
  let shown: string[] = [];
  let at = 0;
  for (const [part, parameter = "", command] of text.matchAll(PART)) {
    if (part === "\r") at = 0;
    else if (part === "\b") at = Math.max(0, at - 1);
    else if (command === "K") shown = parameter === "2" ? [] : shown.slice(0, at);
    else if (!part.startsWith("\u001b"))
      for (const character of part) {
        while (shown.length < at) shown.push(" ");
        shown[at++] = character;
      }
  }
  return Array.from(shown, (character) => character ?? " ").join("");
}

/**
 * The same text as far as it can be seen, without what a carriage return has written over: a bar that is drawn a thousand times is one line.
 * Escapes stay, and a return at the end, for what comes next may write over the line.
 */
export function withoutOverwritten(text: string): string {
  return text.includes("\r") ? text.split("\n").map(lastLook).join("\n") : text;
}

/**
 * A piece of a text, to which more will come: of its last line what stood there and what is being written over it, of lines that have ended what
 * can be seen. `continues`: its first line began in a piece before, so what stands before the first return is kept. What `withoutOverwritten` says
 * of all pieces together does not depend on where they were cut.
 */
export function foldedReturns(text: string, continues = false): string {
  if (!text.includes("\r")) return text;
  const lines = text.split("\n");
  return lines
    .map((line, index) => {
      const from = continues && index === 0 ? line.indexOf("\r") + 1 : 0;
      const rest = line.slice(from);
      return line.slice(0, from) + (index === lines.length - 1 ? openLine(rest) : lastLook(rest));
    })
    .join("\n");
}

function openLine(line: string): string {
  const at = line.lastIndexOf("\r");
  return at < 0 ? line : withoutEnd(lastLook(line.slice(0, at))) + line.slice(at);
}

function lastLook(line: string): string {
  const end = line.endsWith("\r") ? "\r" : "";
  const [first = "", ...rest] = withoutEnd(line).split(/\r+/);
  const shown = rest.reduce((under, over) => {
    // How far a text with escapes reaches is not its length; who uses them also clears the rest.
    if (over.includes("\u001b") || under.includes("\u001b")) return over;
    const [below, above] = [Array.from(under), Array.from(over)];
    return over + below.slice(above.length).join("");
  }, first);
  return shown + end;
}

/** Without the returns at its end. A pattern would look at a thousand returns in the middle a million times. */
function withoutEnd(line: string): string {
  let end = line.length;
  while (line[end - 1] === "\r") end--;
  return line.slice(0, end);
}
