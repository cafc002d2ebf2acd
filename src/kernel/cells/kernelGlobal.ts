import type { KernelFunction } from "../compiler/kernelCall.js";

/** The global `__dnb`, which compiled cells call. */
export type KernelGlobal = Readonly<Record<KernelFunction, (...args: never[]) => unknown>> & {
  /** Hands a thrown value from the inspector to the evaluator. */
  readonly receive: (value: unknown) => void;
  /** Resolves when a debugger has set its breakpoints, or has had time to. */
  readonly debugReady: () => Promise<void>;
  /** `import.meta` of a cell. */
  readonly meta: object;
  /** Every write throws: see `guardConstants`. */
  readonly constants: object;
};

export const constants: object = new Proxy(
  {},
  {
    set(_, name) {
      throw new TypeError(`Assignment to constant variable ${String(name)}.`);
    },
  },
);
