import * as vscode from "vscode";
import { isKeyName } from "./keyName.js";

const PREFIX = "dnb.key.";

/** Keys of judges behind an address, in VS Code's secret storage: a notebook has only their names. */
export class Keys {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  /** All of them by name, for the kernel that starts now. */
  async read(): Promise<Readonly<Record<string, string>>> {
    const names = await this.#names();
    const entries = await Promise.all(
      names.map(async (name) => [name, (await this.secrets.get(PREFIX + name)) ?? ""] as const),
    );
    return Object.fromEntries(entries);
  }

  /** Asks for a name and a key, and keeps it. */
  async store(): Promise<void> {
    const name = await vscode.window.showInputBox({
      title: "Store Key (1/2)",
      prompt: 'The name that cells use: endpoint(url, { key: "NAME" })',
      placeHolder: "JUDGE_KEY",
      validateInput: (text) =>
        isKeyName(text)
          ? undefined
          : "At most 64 letters, digits, _, . and -, not beginning with a digit; the name, not the key itself.",
    });
    if (name === undefined) return;
    const key = await vscode.window.showInputBox({
      title: "Store Key (2/2)",
      prompt: `The key itself. It is kept in VS Code's secret storage, never in a notebook.`,
      password: true,
      ignoreFocusOut: true,
    });
    if (!key) return;
    await this.secrets.store(PREFIX + name, key);
    void vscode.window.showInformationMessage(
      `Key ${name} is stored. Kernels have it from their next start.`,
    );
  }

  /** Asks which to forget. */
  async remove(): Promise<void> {
    const names = await this.#names();
    if (names.length === 0) {
      void vscode.window.showInformationMessage("There are no stored keys.");
      return;
    }
    const name = await vscode.window.showQuickPick(names, { title: "Remove Key" });
    if (name === undefined) return;
    await this.secrets.delete(PREFIX + name);
    void vscode.window.showInformationMessage(
      `Key ${name} is removed. A kernel that runs has it until it ends.`,
    );
  }

  async #names(): Promise<string[]> {
    const keys = await this.secrets.keys();
    return keys
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => key.slice(PREFIX.length))
      .sort();
  }
}
