// A bundle of its own (dist/parameters.js): `dnb run` reads it only when parameters are given or asked for.
export { ParametersCell } from "./parametersCell.js";
export { ParameterError } from "./parameterError.js";
