import * as vscode from "vscode";
import type { KernelEvent, SearchAction, ViewEvent, ViewRequest } from "../kernel/protocol.js";
import { writeCell } from "./cellWriter.js";
import { continueSearch, type ExecuteCells } from "./continueSearch.js";
import { Inspectors } from "./inspectors.js";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";
import type { NotebookSession } from "./notebookSession.js";
import { otherSearches } from "./otherSearches.js";
import { parseViewRequest } from "./parseViewRequest.js";
import type { ViewMemory } from "./viewMemory.js";

type WriteRequest = Extract<ViewRequest, { readonly type: "write" }>;
type SearchDelta = Extract<KernelEvent, { readonly type: "delta" }>["delta"];

/** As the kernel names it. */
const UNKNOWN_RUN = "UnknownRun";
const NOT_RUNNING = "No kernel is running. Run the cell to make this search live.";

/** Must be the renderer's id in package.json. */
const RENDERER = "dnb-search";

/**
 * Between the views of searches, which live in a notebook's webview, and the kernel. VS Code addresses a renderer by editor, so the notebook
 * is the editor's, and what a message says of other notebooks is never believed.
 */
export class SearchViews implements vscode.Disposable {
  readonly #messaging = vscode.notebooks.createRendererMessaging(RENDERER);
  readonly #subscription = this.#messaging.onDidReceiveMessage(({ editor, message }) => {
    void this.#hear(editor, message);
  });
  /** Runs that a view has asked for, by notebook: they are told when the kernel forgets them. */
  readonly #watched = new WeakMap<vscode.NotebookDocument, Set<string>>();

  /** Runs that a view has asked for while there was no kernel. */
  readonly #unanswered = new WeakMap<vscode.NotebookDocument, Set<string>>();
  readonly #continuing = new WeakSet<vscode.NotebookDocument>();

  readonly #inspectors: Inspectors;

  constructor(
    private readonly sessionOf: (notebook: vscode.NotebookDocument) => NotebookSession | undefined,
    private readonly log: Log,
    extension: vscode.Uri,
    /** Where there can be kernels: how a saved search goes on. Else why there are none, for the views. */
    private readonly execute: ExecuteCells | string,
    private readonly memory: ViewMemory,
  ) {
    this.#inspectors = new Inspectors(extension, (notebook, message, tell) => {
      void this.#hearPanel(notebook, message, tell);
    });
  }

  delta({ notebook }: NotebookSession, delta: SearchDelta): void {
    this.#tellAll(notebook, { type: "delta", delta });
  }

  forgotten({ notebook }: NotebookSession, why: string): void {
    const reason = `${capital(why)}. Run the cell again to make this search live.`;
    for (const run of this.#watched.get(notebook) ?? []) this.#tellAll(notebook, this.#gone(run, reason));
    this.#watched.delete(notebook);
  }

  /** The kernel that outlived a window is there: views that found none are answered now. */
  async resumed({ notebook }: NotebookSession): Promise<void> {
    const runs = this.#unanswered.get(notebook) ?? [];
    this.#unanswered.delete(notebook);
    for (const run of runs) {
      const answer = await this.#answer(notebook, { type: "ready", run });
      if (answer?.type === "snapshot") this.#tellAll(notebook, answer);
    }
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#inspectors.dispose();
  }

  async #hear(editor: vscode.NotebookEditor, message: unknown): Promise<void> {
    if (editor.notebook.notebookType !== NOTEBOOK_TYPE) return;
    const request = parseViewRequest(message);
    if (!request) {
      this.log.warn(
        `A view sent a message that nobody understands: ${JSON.stringify(message)?.slice(0, 200)}`,
      );
      return;
    }
    const { uri } = editor.notebook;
    if (request.type === "looked") return void (await this.memory.keep(uri, request.run, request.looked));
    const looked = request.type === "ready" ? this.memory.find(uri, request.run) : undefined;
    if (looked) await this.#tell(editor, { type: "looked", run: request.run, looked });
    const answer =
      request.type === "write"
        ? await this.#write(editor, request)
        : request.type === "inspect"
          ? this.#inspect(editor.notebook, request.run)
          : await this.#answer(editor.notebook, request);
    if (answer) await this.#tell(editor, answer);
  }

  /** A panel's messages: those of a view, but it writes where its notebook is seen. */
  async #hearPanel(
    notebook: vscode.NotebookDocument,
    message: unknown,
    tell: (event: ViewEvent) => void,
  ): Promise<void> {
    const request = parseViewRequest(message);
    if (!request || request.type === "inspect" || request.type === "looked") return;
    const answer =
      request.type === "write"
        ? await this.#write(await vscode.window.showNotebookDocument(notebook), request)
        : await this.#answer(notebook, request);
    if (answer) tell(answer);
  }

  #inspect(notebook: vscode.NotebookDocument, run: string): ViewEvent | undefined {
    const reason = this.#inspectors.open(notebook, run);
    return reason === undefined ? undefined : { type: "refused", run, reason };
  }

  async #write(editor: vscode.NotebookEditor, request: WriteRequest): Promise<ViewEvent | undefined> {
    const { run } = request;
    if (!vscode.workspace.isTrusted)
      return { type: "refused", run, reason: "This workspace is not trusted, so no cell is written or run." };
    try {
      const reason = await writeCell(editor, run, request);
      return reason === undefined ? undefined : { type: "refused", run, reason };
    } catch (error) {
      return { type: "refused", run, reason: `The cell could not be written: ${messageOf(error)}` };
    }
  }

  async #answer(
    notebook: vscode.NotebookDocument,
    request: Exclude<ViewRequest, WriteRequest | { readonly type: "inspect" | "looked" }>,
  ): Promise<ViewEvent | undefined> {
    const { run } = request;
    // What is in the notebook anyway.
    if (request.type === "others") return otherSearches(notebook, run, request.runs);
    if (!vscode.workspace.isTrusted) {
      return {
        type: "gone",
        run,
        reason: "This workspace is not trusted: what is saved is shown, nothing runs.",
      };
    }
    const session = this.sessionOf(notebook);
    if (!session?.kernel.knows(session.id)) {
      this.#unanswered.set(notebook, (this.#unanswered.get(notebook) ?? new Set()).add(run));
      if (goesOn(request)) return this.#continue(notebook, run, request.action);
      const { execute } = this;
      return this.#gone(run, typeof execute === "string" ? execute : NOT_RUNNING);
    }
    try {
      if (request.type === "search") {
        await session.request({ type: "search", notebook: session.id, run, action: request.action });
        return undefined;
      }
      if (request.type === "look") {
        const { looks } = request;
        const seen = await session.request({ type: "look", notebook: session.id, run, looks });
        return seen.type === "look" ? { ...seen, run } : undefined;
      }
      const snapshot = await session.request({ type: "snapshot", notebook: session.id, run });
      if (snapshot.type !== "snapshot") throw new Error(`The kernel answered “${snapshot.type}”.`);
      this.#watched.set(notebook, (this.#watched.get(notebook) ?? new Set()).add(run));
      return snapshot;
    } catch (error) {
      // Looking is no action: a picture that cannot be had is not there.
      if (request.type === "look") return undefined;
      if (goesOn(request) && isUnknown(error)) return this.#continue(notebook, run, request.action);
      return request.type === "ready"
        ? this.#gone(run, messageOf(error))
        : { type: "refused", run, reason: messageOf(error) };
    }
  }

  #gone(run: string, reason: string): ViewEvent {
    return { type: "gone", run, reason, canContinue: typeof this.execute !== "string" };
  }

  async #continue(
    notebook: vscode.NotebookDocument,
    run: string,
    action: SearchAction,
  ): Promise<ViewEvent | undefined> {
    const { execute } = this;
    if (typeof execute === "string") return this.#gone(run, execute);
    if (this.#continuing.has(notebook))
      return { type: "refused", run, reason: "A search of this notebook is being continued already." };
    this.#continuing.add(notebook);
    try {
      const reason = await continueSearch(notebook, run, action, execute);
      return reason === undefined ? undefined : { type: "refused", run, reason };
    } catch (error) {
      return { type: "refused", run, reason: messageOf(error) };
    } finally {
      this.#continuing.delete(notebook);
    }
  }

  #tellAll(notebook: vscode.NotebookDocument, event: ViewEvent): void {
    this.#inspectors.tell(notebook, event);
    for (const editor of vscode.window.visibleNotebookEditors) {
      if (editor.notebook === notebook) void this.#tell(editor, event);
    }
  }

  /** A view that is gone by now needs no news. */
  async #tell(editor: vscode.NotebookEditor, event: ViewEvent): Promise<void> {
    try {
      await this.#messaging.postMessage(event, editor);
    } catch (error) {
      this.log.warn(`A view could not be told: ${messageOf(error)}`);
    }
  }
}

/** Asks a search for more rounds: what is only saved can be brought back for that. */
function goesOn(request: ViewRequest): request is Extract<ViewRequest, { readonly type: "search" }> {
  return request.type === "search" && (request.action.kind === "step" || request.action.kind === "run");
}

/** The kernel runs, but does not have the search: it was restarted, or the cell was not run in it. */
const isUnknown = (error: unknown): boolean => error instanceof Error && error.name === UNKNOWN_RUN;

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
