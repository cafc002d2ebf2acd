/**
 * The window as a suite sees it, in `*.page.suite.ts` (browser run only). The harness does the work: test/harness/bridge.mjs.
 * Expressions are JavaScript in a string, evaluated in the page, and may be promises; what they yield must be JSON.
 */
export const page = {
  /** The workbench's own document. */
  workbench: within("workbench"),
  /** The document inside the visible webview: a notebook's outputs and their renderers, or a panel. */
  webview: within("webview"),
  /** A key or chord as playwright names it, e.g. "Control+Enter", to whatever has the focus. */
  press: (key: string) => ask<void>("press", { key }),
  type: (text: string) => ask<void>("type", { text }),
  /** The whole window, or what a selector finds in a webview; the path of the picture. */
  screenshot: (name: string, part: { selector?: string; containing?: string } = {}) =>
    ask<string>("screenshot", { name, ...part }),
  resize: (width: number, height: number) => ask<void>("resize", { width, height }),
};

/**
 * Asks the rows of the view of that name, as text, until the condition on `rows` holds. They are the rows in sight: a suite that lists much
 * makes the window high enough first.
 */
export async function rowsOf(view: string, condition: string): Promise<string[]> {
  const rows = `[...document.querySelectorAll('[aria-label="${view}"] .monaco-list-row')].map((row) => row.textContent)`;
  try {
    return await page.workbench.waitUntil(
      `(() => { const rows = ${rows}; return (${condition}) && rows; })()`,
    );
  } catch (error) {
    const inSight = await page.workbench.evaluate<string[]>(rows);
    throw new Error(`no ${condition} in ${view}, which shows ${JSON.stringify(inSight)}`, { cause: error });
  }
}

/** Which webview, when several are in sight: the one that contains this selector. Default: the one that contains the element meant. */
export interface Which {
  readonly containing?: string;
}

export interface Element extends Which {
  /** Which of the elements that the selector finds, from 0. */
  readonly nth?: number;
  /** Milliseconds, 10 000 unless told. */
  readonly timeout?: number;
}

export interface Wait extends Element {
  readonly state?: "visible" | "hidden" | "attached" | "detached";
}

export interface Pointer extends Element {
  /** From the element's upper left corner, for canvases. */
  readonly position?: { readonly x: number; readonly y: number };
  readonly button?: "left" | "right";
  readonly modifiers?: readonly ("Alt" | "Control" | "Meta" | "Shift")[];
  readonly clickCount?: number;
  /** Click even when something lies above the element. */
  readonly force?: boolean;
}

function within(where: "workbench" | "webview") {
  return {
    evaluate: <T = unknown>(expression: string, which: Which = {}) =>
      ask<T>(`${where}.evaluate`, { expression, ...which }),
    /** Asks again until the expression is truthy, and returns what it then was. */
    waitUntil: <T = unknown>(expression: string, options: Which & { timeout?: number } = {}) =>
      ask<T>(`${where}.waitUntil`, { expression, ...options }),
    waitFor: (selector: string, options: Wait = {}) =>
      ask<void>(`${where}.waitFor`, { selector, ...options }),
    text: (selector: string, options: Element = {}) => ask<string>(`${where}.text`, { selector, ...options }),
    click: (selector: string, options: Pointer = {}) => ask<void>(`${where}.click`, { selector, ...options }),
    hover: (selector: string, options: Pointer = {}) => ask<void>(`${where}.hover`, { selector, ...options }),
    focus: (selector: string, options: Element = {}) => ask<void>(`${where}.focus`, { selector, ...options }),
    count: (selector: string, which: Which = {}) => ask<number>(`${where}.count`, { selector, ...which }),
  };
}

async function ask<T>(operation: string, options: object): Promise<T> {
  if (!process.env.DNB_PAGE)
    throw new Error("Only suites named *.page.suite.ts can look at the window, in the browser run.");
  const { origin, username: token } = new URL(process.env.DNB_PAGE);
  const answer = await fetch(origin, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ operation, options }),
  });
  const { result, error } = (await answer.json()) as { result?: T; error?: string };
  if (error !== undefined) throw new Error(error);
  return result as T;
}
