// A bundle of its own (dist/languageClient.js): the extension reads it with the first notebook.
export { CellLanguage } from "./cellLanguage.js";
