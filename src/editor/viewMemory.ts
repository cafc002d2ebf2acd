import type * as vscode from "vscode";
import type { Looked } from "../kernel/protocol.js";

const KEY = "dnb.views";
/** Searches whose looks are remembered; the longest unseen go. */
const MOST = 200;

type Memory = readonly (readonly [key: string, looked: Looked])[];

/** How searches were looked at, in this workspace: a window that is loaded anew shows them so again. Nothing of it is in the notebook. */
export class ViewMemory {
  constructor(private readonly state: Pick<vscode.Memento, "get" | "update">) {}

  keep(notebook: vscode.Uri, run: string, looked: Looked): Thenable<void> {
    const key = keyOf(notebook, run);
    const others = this.all.filter(([known]) => known !== key);
    return this.state.update(KEY, [...others, [key, looked] as const].slice(-MOST));
  }

  find(notebook: vscode.Uri, run: string): Looked | undefined {
    const key = keyOf(notebook, run);
    return this.all.find(([known]) => known === key)?.[1];
  }

  private get all(): Memory {
    return this.state.get<Memory>(KEY, []);
  }
}

const keyOf = (notebook: vscode.Uri, run: string): string => `${notebook.toString()} ${run}`;
