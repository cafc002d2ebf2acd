import * as disk from "node:fs/promises";
import * as vscode from "vscode";
import { Backups } from "./editor/backups/backups.js";
import { BackupStore } from "./editor/backups/backupStore.js";
import { replaceInWorkspace } from "./editor/backups/workspaceFiles.js";
import { privacyHere } from "./document/here/privacyHere.js";
import { CellIdentity } from "./editor/cellIdentity.js";
import { CellLabels } from "./editor/cellLabels.js";
import { DnbController } from "./editor/controller.js";
import { DebugCell } from "./editor/debugCell.js";
import { EmptyFiles } from "./editor/emptyFiles.js";
import { KernelsView } from "./editor/kernelsView.js";
import { EnvironmentRecords } from "./editor/environmentRecords.js";
import { LargeNotebooks } from "./editor/largeNotebooks.js";
import { LanguageOnDemand } from "./editor/language/languageOnDemand.js";
import { Keys } from "./editor/keys.js";
import { newNotebook } from "./editor/newNotebook.js";
import { NOTEBOOK_TYPE } from "./editor/notebookType.js";
import { explainRefusal } from "./editor/refusedFile.js";
import { SearchViews } from "./editor/searchViews.js";
import { ViewMemory } from "./editor/viewMemory.js";
import { DnbSerializer } from "./editor/serializer.js";
import { detachedKernels, type KernelSettings } from "./editor/startKernel.js";
import { StaleMarks } from "./editor/staleMarks.js";
import { VariablesView } from "./editor/variablesView.js";
import { StatusBar } from "./editor/statusBar.js";

/** Puts the parts together. The serializer comes first: without it VS Code can neither open nor save a notebook. */
export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("Diffusion Notebook", { log: true });
  const emptyFiles = new EmptyFiles();
  const store = new BackupStore(
    vscode.Uri.joinPath(context.globalStorageUri, "versions").fsPath,
    disk,
    Date.now,
  );
  const serializer: DnbSerializer = new DnbSerializer(
    emptyFiles.isNew,
    (error) => void explainRefusal(error, log, backups),
    privacyHere(),
  );
  const backups = new Backups(store, serializer, log, (from, to) =>
    to.scheme === "file" ? disk.rename(from.fsPath, to.fsPath) : replaceInWorkspace(from, to),
  );
  context.subscriptions.push(
    log,
    emptyFiles,
    backups,
    vscode.workspace.registerNotebookSerializer(NOTEBOOK_TYPE, serializer),
    vscode.commands.registerCommand("dnb.new", () => newNotebook(emptyFiles)),
  );

  const sessionOf = (notebook: vscode.NotebookDocument) => controller.session(notebook);
  const views = new SearchViews(
    sessionOf,
    log,
    context.extensionUri,
    (notebook, cells, holds) => controller.execute(notebook, cells, holds),
    new ViewMemory(context.workspaceState),
  );
  const status = new StatusBar(sessionOf, Date.now);
  const variables = new VariablesView(sessionOf, log);
  const marks = new StaleMarks();
  const keys = new Keys(context.secrets);
  const script = vscode.Uri.joinPath(context.extensionUri, "dist", "kernel.js").fsPath;
  const kernels = detachedKernels(
    script,
    () => kernelSettings(context),
    () => keys.read(),
    log,
  );
  const kernelsView: KernelsView = new KernelsView(() => controller, kernels);
  const controller: DnbController = new DnbController(
    kernels,
    {
      delta: (session, delta) => views.delta(session, delta),
      forgotten: (session, reason) => {
        views.forgotten(session, reason);
        marks.show(session.notebook, []);
      },
      stale: (session, cells) => marks.show(session.notebook, cells),
      resumed: (session) => void views.resumed(session),
      heartbeat: (kernel, heartbeat) => {
        status.heartbeat(kernel, heartbeat);
        kernelsView.heartbeat(kernel, heartbeat);
      },
      changed: () => {
        kernelsView.refresh();
        status.update();
        variables.refresh();
      },
    },
    log,
  );
  const debugCell = new DebugCell(
    (notebook) => controller.ready(notebook),
    vscode.Uri.joinPath(context.extensionUri, "dist").fsPath,
    log,
  );
  status.update();
  context.subscriptions.push(
    controller,
    views,
    status,
    variables,
    kernelsView,
    debugCell,
    vscode.commands.registerCommand("dnb.debugCell", async (cell: unknown = cellInFront()) => {
      if (isCell(cell)) await debugCell.debug(cell);
    }),
    new EnvironmentRecords(sessionOf, serializer, log),
    new CellIdentity(log),
    new CellLabels(),
    new LargeNotebooks(),
    marks,
    new LanguageOnDemand(vscode.Uri.joinPath(context.extensionUri, "dist").fsPath, log),
    vscode.commands.registerCommand("dnb.restart", (target: unknown) =>
      withNotebook(target, (notebook) => controller.commands.restart(notebook)),
    ),
    vscode.commands.registerCommand("dnb.restartAndRunAll", (target: unknown) =>
      withNotebook(target, (notebook) => controller.commands.restartAndRunAll(notebook)),
    ),
    vscode.commands.registerCommand("dnb.shutDown", (target: unknown) =>
      withNotebook(target, (notebook) => controller.commands.shutDown(notebook)),
    ),
    vscode.commands.registerCommand("dnb.runToHere", async (cell: unknown = cellInFront()) => {
      if (isCell(cell)) await controller.commands.runToHere(cell);
    }),
    vscode.commands.registerCommand("dnb.interrupt", (target: unknown) =>
      withNotebook(target, (notebook) => controller.commands.interrupt(notebook)),
    ),
    vscode.commands.registerCommand("dnb.storeKey", () => keys.store()),
    vscode.commands.registerCommand("dnb.removeKey", () => keys.remove()),
    vscode.commands.registerCommand("dnb.showLog", () => log.show()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => status.update()),
  );
}

function kernelSettings({ storageUri, globalStorageUri }: vscode.ExtensionContext): KernelSettings {
  const settings = vscode.workspace.getConfiguration("dnb");
  const size = settings.get<number>("cacheSize", 4);
  // A workspace's results go with the workspace; without one they are kept for all windows.
  const storage = storageUri ?? globalStorageUri;
  const { fsPath } = vscode.Uri.joinPath(storage, "results");
  return {
    node: settings.get<string>("node", ""),
    model: settings.get<string>("model", "emoji"),
    cache: size > 0 ? fsPath : "none",
    cacheSize: size * 2 ** 30,
    code: vscode.Uri.joinPath(globalStorageUri, "code").fsPath,
    logs: vscode.Uri.joinPath(storage, "logs").fsPath,
    idle: settings.get<number>("idleTimeout", 30) * 60,
    device: settings.get<string>("device", "auto"),
    heapLimit: settings.get<number>("heapLimit", 0),
    memoryLimit: settings.get<number>("memoryLimit", 0) * 2 ** 30,
  };
}

/** The toolbar names its notebook, the command palette means the one in front. */
async function withNotebook(
  target: unknown,
  act: (notebook: vscode.NotebookDocument) => Promise<void>,
): Promise<void> {
  const named = vscode.workspace.notebookDocuments.find(({ uri }) => uri.toString() === uriIn(target));
  const notebook = named ?? vscode.window.activeNotebookEditor?.notebook;
  if (notebook?.notebookType === NOTEBOOK_TYPE) await act(notebook);
}

/** The cell that has the focus. */
function cellInFront(): vscode.NotebookCell | undefined {
  const editor = vscode.window.activeNotebookEditor;
  return editor && editor.selection.start < editor.notebook.cellCount
    ? editor.notebook.cellAt(editor.selection.start)
    : undefined;
}

/** A cell's menu gives the cell itself. */
const isCell = (value: unknown): value is vscode.NotebookCell =>
  typeof value === "object" &&
  value !== null &&
  "notebook" in value &&
  "index" in value &&
  vscode.workspace.notebookDocuments.some(
    (notebook) => notebook === value.notebook && notebook.notebookType === NOTEBOOK_TYPE,
  );

/** From a notebook's toolbar comes `{ notebookEditor: { notebookUri } }`; other extensions may give the URI itself. */
function uriIn(target: unknown): string | undefined {
  if (target instanceof vscode.Uri) return target.toString();
  if (typeof target !== "object" || target === null || !("notebookEditor" in target)) return undefined;
  const { notebookEditor } = target;
  if (typeof notebookEditor !== "object" || notebookEditor === null || !("notebookUri" in notebookEditor))
    return;
  return notebookEditor.notebookUri instanceof vscode.Uri ? notebookEditor.notebookUri.toString() : undefined;
}
