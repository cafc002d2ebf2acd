import * as vscode from "vscode";
import { AbsentKernel, NO_KERNEL } from "./editor/absentKernel.js";
import { Backups } from "./editor/backups/backups.js";
import { BackupStore } from "./editor/backups/backupStore.js";
import { replaceInWorkspace, workspaceFiles } from "./editor/backups/workspaceFiles.js";
import { CellIdentity } from "./editor/cellIdentity.js";
import { CellLabels } from "./editor/cellLabels.js";
import { EmptyFiles } from "./editor/emptyFiles.js";
import { LargeNotebooks } from "./editor/largeNotebooks.js";
import { newNotebook } from "./editor/newNotebook.js";
import { NOTEBOOK_TYPE } from "./editor/notebookType.js";
import { explainRefusal } from "./editor/refusedFile.js";
import { SearchViews } from "./editor/searchViews.js";
import { ViewMemory } from "./editor/viewMemory.js";
import { DnbSerializer } from "./editor/serializer.js";

/** A browser knows neither the home folder nor the environment of who writes; tokens and homes that are known by their form still go. */
const PRIVACY = { homes: [], user: "", secrets: [] };

/** The same parts as in `extension.ts` where there is no Node: a notebook is read, edited, merged and saved, and nothing runs. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Diffusion Notebook", { log: true });
  const emptyFiles = new EmptyFiles();
  const { path } = vscode.Uri.joinPath(context.globalStorageUri, "versions");
  const store = new BackupStore(path, workspaceFiles(context.globalStorageUri), Date.now);
  const serializer: DnbSerializer = new DnbSerializer(
    emptyFiles.isNew,
    (error) => void explainRefusal(error, log, backups),
    PRIVACY,
  );
  const backups = new Backups(store, serializer, log, replaceInWorkspace);
  context.subscriptions.push(
    log,
    emptyFiles,
    backups,
    vscode.workspace.registerNotebookSerializer(NOTEBOOK_TYPE, serializer),
    vscode.commands.registerCommand("dnb.new", () => newNotebook(emptyFiles)),
    vscode.commands.registerCommand("dnb.showLog", () => log.show()),
    new AbsentKernel(),
    new SearchViews(
      () => undefined,
      log,
      context.extensionUri,
      NO_KERNEL,
      new ViewMemory(context.workspaceState),
    ),
    new CellIdentity(log),
    new CellLabels(),
    new LargeNotebooks(),
  );
}
