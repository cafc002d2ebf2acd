/** A value that a parameters cell cannot take. The message names the parameter, what it takes and what was given. */
export class ParameterError extends Error {
  override readonly name = "ParameterError";
}
