import * as vscode from "vscode";

/**
 * VS Code gives a serializer bytes and no name, and zero bytes for every untitled notebook. Yet an empty file on disk may be one that a full
 * disk or a crash cut off, and has to be refused. So: zero bytes are a new notebook unless an empty `.dnb` is in sight, in a tab or in the
 * workspace; those that were made in this window (New File in the explorer) do not count.
 */
export class EmptyFiles implements vscode.Disposable {
  readonly #made = new Set<string>();
  readonly #subscription = vscode.workspace.onDidCreateFiles(({ files }) => {
    for (const file of files) this.#made.add(file.toString());
  });
  #expected = 0;

  /** While `open` runs, zero bytes are a new notebook. */
  async expectNew<T>(open: () => Thenable<T>): Promise<T> {
    this.#expected++;
    try {
      return await open();
    } finally {
      this.#expected--;
    }
  }

  readonly isNew = async (): Promise<boolean> => {
    if (this.#expected > 0) return true;
    const inTabs = vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .flatMap(({ input }) => (input instanceof vscode.TabInputNotebook ? [input.uri] : []));
    const inWorkspace = await vscode.workspace.findFiles("**/*.dnb", "**/node_modules/**");
    const candidates = [...inTabs, ...inWorkspace].filter((uri) => uri.scheme !== "untitled");
    const suspects = await Promise.all(candidates.map((uri) => this.#lostItsContent(uri)));
    return !suspects.includes(true);
  };

  async #lostItsContent(uri: vscode.Uri): Promise<boolean> {
    if (this.#made.has(uri.toString())) return false;
    // A file that cannot be looked at is not the one that was just read.
    return vscode.workspace.fs.stat(uri).then(
      ({ size }) => size === 0,
      () => false,
    );
  }

  dispose(): void {
    this.#subscription.dispose();
  }
}
