/**
 * Whether a text can be the name of a key. What looks like a key of the services that there are is none: somebody may have given the key itself.
 * `src/editor/keyName.ts` is the same rule for the command that stores one; a test holds them together.
 */
export function isKeyName(text: string): boolean {
  return /^(?!sk[-_]|hf_|gsk_|xai-|AIza|gh[pousr]_)[A-Za-z_][A-Za-z0-9_.-]{0,63}$/.test(text);
}
