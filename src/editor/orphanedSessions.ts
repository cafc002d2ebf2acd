import * as vscode from "vscode";
import type { NotebookSession } from "./notebookSession.js";

/** How long after the end of one document its continuation may open. */
const PATIENCE = 5000;

/**
 * Sessions whose document was closed a moment ago. When an untitled notebook is saved, or a file renamed, VS Code closes one document and
 * opens another, and does not say that it is the same notebook; the ids of the cells do. Its variables are to survive that.
 */
export class OrphanedSessions implements vscode.Disposable {
  readonly #orphans = new Map<NotebookSession, NodeJS.Timeout>();

  add(session: NotebookSession): void {
    const end = () => {
      this.#orphans.delete(session);
      session.close();
    };
    this.#orphans.set(session, setTimeout(end, PATIENCE));
  }

  /** The session that a document continues, if any; it is no orphan any more. */
  async adopt(notebook: vscode.NotebookDocument): Promise<NotebookSession | undefined> {
    const ids = idsOf(notebook);
    for (const session of this.#orphans.keys()) {
      const { uri } = session.notebook;
      const same =
        ids !== "" && idsOf(session.notebook) === ids && uri.toString() !== notebook.uri.toString();
      // A copy that is opened while the original still lies there is another notebook.
      if (!same || !(await isGone(uri))) continue;
      clearTimeout(this.#orphans.get(session));
      if (this.#orphans.delete(session)) return session;
    }
    return undefined;
  }

  dispose(): void {
    for (const [session, timer] of this.#orphans) {
      clearTimeout(timer);
      session.close();
    }
    this.#orphans.clear();
  }
}

function idsOf(notebook: vscode.NotebookDocument): string {
  return notebook
    .getCells()
    .map(({ metadata }) => String(metadata["id"] ?? ""))
    .join();
}

async function isGone(uri: vscode.Uri): Promise<boolean> {
  if (uri.scheme === "untitled") return true;
  return vscode.workspace.fs.stat(uri).then(
    () => false,
    () => true,
  );
}
