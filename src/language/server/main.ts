import { join } from "node:path";
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { bundledTypes } from "../notebook/typeFiles.js";
import { LanguageServer } from "./languageServer.js";

// The process that VS Code starts with its first notebook: dist/language.js.
const connection = createConnection(ProposedFeatures.all);
new LanguageServer(connection, bundledTypes(join(__dirname, "types")));
connection.listen();
