/** The part of VS Code's log channel that we use; a test gives its own. */
export interface Log {
  info(text: string): void;
  warn(text: string): void;
  error(text: string | Error): void;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
