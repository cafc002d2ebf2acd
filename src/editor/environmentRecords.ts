import * as vscode from "vscode";
import { decodeNotebook } from "../document/decodeNotebook.js";
import { environmentOf, withEnvironment, type RunEnvironment } from "../document/withEnvironment.js";
import { messageOf, type Log } from "./log.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";
import type { NotebookSession } from "./notebookSession.js";
import type { DnbSerializer } from "./serializer.js";

/** Milliseconds that a save waits for the kernel; VS Code's own patience is a little longer. */
const PATIENCE = 1000;

/** A save of new outputs says with what they were computed (`meta.environment`), as `dnb run` does. A save never fails for it. */
export class EnvironmentRecords implements vscode.Disposable {
  /** Their outputs have changed since they were opened or saved. */
  readonly #changed = new WeakSet<vscode.NotebookDocument>();
  readonly #subscriptions = [
    vscode.workspace.onDidChangeNotebookDocument(({ notebook, cellChanges }) => {
      if (cellChanges.some(({ outputs }) => outputs)) this.#changed.add(notebook);
    }),
    vscode.workspace.onWillSaveNotebookDocument((event) => {
      const { notebook } = event;
      if (notebook.notebookType !== NOTEBOOK_TYPE || !this.#changed.has(notebook)) return;
      event.waitUntil(this.#edit(notebook));
    }),
    vscode.workspace.onDidSaveNotebookDocument((notebook) => void this.#changed.delete(notebook)),
  ];

  constructor(
    private readonly sessionOf: (notebook: vscode.NotebookDocument) => NotebookSession | undefined,
    private readonly serializer: DnbSerializer,
    private readonly log: Log,
  ) {}

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #edit(notebook: vscode.NotebookDocument): Promise<vscode.WorkspaceEdit | undefined> {
    const session = this.sessionOf(notebook);
    if (!session?.kernel.knows(session.id)) return undefined;
    try {
      const used = await environmentIn(session);
      if (!Object.keys(used).length) return undefined;
      const now = decodeNotebook(await this.serializer.bytesOf(notebook));
      const next = withEnvironment(await saved(notebook.uri), now, used);
      if (JSON.stringify(environmentOf(next)) === JSON.stringify(environmentOf(now))) return undefined;
      const edit = new vscode.WorkspaceEdit();
      const metadata = { ...notebook.metadata, meta: next.meta };
      edit.set(notebook.uri, [vscode.NotebookEdit.updateNotebookMetadata(metadata)]);
      return edit;
    } catch (error) {
      this.log.warn(`${notebook.uri.path} is saved without what it was computed with: ${messageOf(error)}`);
      return undefined;
    }
  }
}

async function environmentIn(session: NotebookSession): Promise<RunEnvironment> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("The kernel did not answer in time.")), PATIENCE);
  });
  try {
    const reply = await Promise.race([session.request({ type: "environment" }), late]);
    return reply.type === "environment" ? reply.environment : {};
  } finally {
    clearTimeout(timer);
  }
}

/** The notebook that the save replaces; an empty one where there is none that can be read. */
async function saved(uri: vscode.Uri): Promise<ReturnType<typeof decodeNotebook>> {
  try {
    return decodeNotebook(await vscode.workspace.fs.readFile(uri));
  } catch {
    return { dnb: 1, meta: {}, cells: [], extra: {} };
  }
}
