import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import type { ViewEvent } from "../../../src/kernel/protocol.js";
import type { AtlasChunk, SearchDelta, SearchOutput } from "../../../src/search/record.js";
import { launchBrowser } from "../../harness/browser.mjs";
import { themes } from "../fixtures/themes.mjs";
import { dress } from "./dress.mjs";
import { servePage } from "./servePage.mjs";
import { startRenderer } from "./startRenderer.mjs";

export type ThemeName = keyof typeof themes;

/** The built renderer in a real browser, with a notebook around it that records what the renderer sends. */
export class NotebookPages {
  private constructor(
    private readonly browser: Browser,
    private readonly script: string,
  ) {}

  /** `entry`: of the renderer. */
  static async launch(entry = "webview/renderer.ts"): Promise<NotebookPages> {
    const built = await build({
      ...{ bundle: true, write: false, format: "esm", target: "es2022", minify: true },
      loader: { ".css": "text" },
      entryPoints: [entry],
    });
    return new NotebookPages(await launchBrowser(), built.outputFiles[0]!.text);
  }

  async open(theme: ThemeName = "light", size = { width: 1100, height: 900 }): Promise<NotebookPage> {
    const page = await this.browser.newPage({ viewport: size });
    const notebook = new NotebookPage(page);
    await notebook.start(this.script);
    await notebook.theme(theme);
    return notebook;
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

export class NotebookPage {
  /** What went wrong in the page, and what it asked of the network. */
  readonly complaints: string[] = [];
  /** Pictures that `answer` has given. */
  readonly answered = new Set<string>();
  private readonly asked: unknown[] = [];

  constructor(readonly page: Page) {}

  async start(script: string): Promise<void> {
    const { page, complaints } = this;
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    await servePage(page, { "/renderer.js": script }, (url) =>
      complaints.push(`asked the network for ${url}`),
    );
    await startRenderer(page);
  }

  async theme(name: ThemeName): Promise<void> {
    await dress(this.page, themes[name]);
  }

  render(output: unknown, id = "1"): Promise<void> {
    return this.page.evaluate(
      ({ output, id }) => {
        const global = globalThis as any;
        const element = global.document.querySelector("#output");
        global.renderer.renderOutputItem({ id, json: () => output }, element, new AbortController().signal);
      },
      { output, id },
    );
  }

  /** Rendered, and a kernel has answered. */
  async live(output: SearchOutput): Promise<void> {
    await this.render(output);
    await this.receive({ type: "snapshot", output, sequence: 1, status: { milliseconds: 1500, live: true } });
    await this.sent();
  }

  receive(event: ViewEvent): Promise<void> {
    return this.page.evaluate((event) => (globalThis as any).receive(event), event);
  }

  delta(sequence: number, delta: Partial<SearchDelta> & Pick<SearchDelta, "run" | "head">): Promise<void> {
    const rest = {
      candidates: [],
      rounds: [],
      atlas: [],
      status: { milliseconds: 2000, live: true } as const,
    };
    return this.receive({ type: "delta", delta: { ...rest, ...delta, sequence } });
  }

  /** Messages since the last call, without those that only ask for pictures or remember how it was looked at. */
  async sent(): Promise<unknown[]> {
    const messages = await this.page.evaluate(() => (globalThis as any).sent.splice(0) as { type: string }[]);
    this.asked.push(...messages.filter(({ type }) => type === "look"));
    return messages.filter(({ type }) => type !== "look" && type !== "looked");
  }

  /** All pictures that were asked for, as "candidate@level". */
  async looks(): Promise<string[]> {
    const rest = await this.sent();
    expect(rest).toEqual([]);
    const looks = this.asked.flatMap(({ looks }: any) => looks as { candidate: string; level?: number }[]);
    return looks.map(({ candidate, level }) => `${candidate}@${level ?? "full"}`);
  }

  /** As a kernel answers: of the names, any pictures of a chunk that has as many. */
  async answer(run: string, chunk: AtlasChunk, names: readonly string[]): Promise<void> {
    for (const name of names) this.answered.add(name);
    await this.receive({ type: "look", run, atlas: [{ ...chunk, ids: names }] });
  }

  leaked(): Promise<string[]> {
    return this.page.evaluate(() => (globalThis as any).leaked);
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).first().innerText();
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
