import type * as vscode from "vscode";

/** The last part of a file's path, as people call it. */
export const nameOf = ({ path }: vscode.Uri): string => path.slice(path.lastIndexOf("/") + 1);
