// Finds a desktop VS Code. On Linux without a display the caller wraps the command in xvfb-run.
import { downloadAndUnzipVSCode } from "@vscode/test-electron";
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** The executable of the window itself, not the shell script `code`. Downloads a stable one when none is installed. */
export async function desktopVSCode() {
  const found = installedVSCode()?.executable;
  if (found) return found;
  try {
    return await downloadAndUnzipVSCode("stable");
  } catch (error) {
    throw new Error(
      `None is installed (DNB_VSCODE may name an executable) and none could be downloaded: ${error.message}`,
      { cause: error },
    );
  }
}

/** `command` starts a window and returns; `executable` is the program behind it. Nothing when there is none. */
export function installedVSCode() {
  const named = process.env.DNB_VSCODE;
  if (named) {
    if (!existsSync(named)) throw new Error(`DNB_VSCODE names ${named}, which is not there.`);
    return { command: named, executable: named };
  }
  const command = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, process.platform === "win32" ? "code.cmd" : "code"))
    .find((path) => existsSync(path));
  const beside = command ? dirname(dirname(realpathSync(command))) : undefined;
  const places = {
    darwin: [
      beside && join(beside, "../../MacOS/Electron"),
      "/Applications/Visual Studio Code.app/Contents/MacOS/Electron",
      "/Applications/Visual Studio Code.app/Contents/MacOS/Code",
    ],
    win32: [
      beside && join(beside, "Code.exe"),
      join(process.env.LOCALAPPDATA ?? "", "Programs/Microsoft VS Code/Code.exe"),
      join(process.env.PROGRAMFILES ?? "", "Microsoft VS Code/Code.exe"),
    ],
    linux: [beside && join(beside, "code"), "/usr/share/code/code", "/snap/code/current/usr/share/code/code"],
  }[process.platform];
  const executable = places?.find((path) => path && existsSync(path));
  return executable || command ? { command: command ?? executable, executable } : undefined;
}
