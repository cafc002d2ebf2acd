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
