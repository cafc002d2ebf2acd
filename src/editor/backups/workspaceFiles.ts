import * as vscode from "vscode";
import type { BackupFiles } from "./backupStore.js";

/** By VS Code, for files that are on no disk of this machine. */
export const replaceInWorkspace = (from: vscode.Uri, to: vscode.Uri): Thenable<void> =>
  vscode.workspace.fs.rename(from, to, { overwrite: true });

/** VS Code's own files as a store of versions uses them, where there is no disk: a browser's. Paths are those of `root`'s scheme. */
export function workspaceFiles(root: vscode.Uri): BackupFiles {
  const { fs } = vscode.workspace;
  const at = (path: string) => root.with({ path });
  return {
    mkdir: async (path) => fs.createDirectory(at(path)),
    readdir: async (path) => (await fs.readDirectory(at(path))).map(([name]) => name),
    readFile: async (path) => fs.readFile(at(path)),
    writeFile: async (path, bytes) => fs.writeFile(at(path), bytes),
    rename: async (from, to) => fs.rename(at(from), at(to), { overwrite: true }),
    rm: async (path) => fs.delete(at(path)),
  };
}
