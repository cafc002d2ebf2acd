import type { CompiledCell } from "./compileCell.js";
import type { NotebookNames } from "./notebookNames.js";
import type { CompiledModule } from "./compileModule.js";

/** Between the compiler worker and those it serves: the control thread (cells) and each cells worker (workspace files). */
export type CompilerRequest =
  | { readonly type: "cell"; readonly id: number; readonly source: string; readonly names: NotebookNames }
  | {
      readonly type: "module";
      readonly id: number;
      readonly source: string;
      readonly fileName: string;
      /** What the importer waits with, blocking its thread, as `require` must: set to 1 once the reply is on its way. Then the module is CommonJS. */
      readonly blocked?: Int32Array;
    };

export type CompilerReply =
  | { readonly type: "cell"; readonly id: number; readonly result: CompiledCell }
  | { readonly type: "module"; readonly id: number; readonly result: CompiledModule };
