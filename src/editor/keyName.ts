/** Whether `endpoint(url, { key })` takes a text as the name of a key: the rule of `src/search/verifiers/endpoint/keyName.ts`. */
export function isKeyName(text: string): boolean {
  return /^(?!sk[-_]|hf_|gsk_|xai-|AIza|gh[pousr]_)[A-Za-z_][A-Za-z0-9_.-]{0,63}$/.test(text);
}
