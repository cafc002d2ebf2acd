/** A user's mistake: the message says what was found, what is expected and what to do; no stack is shown for it. */
export class InputError extends Error {
  override readonly name = "InputError";
}
