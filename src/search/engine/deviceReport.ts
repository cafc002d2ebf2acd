/** What a model's denoiser really runs on, as measured when it was loaded: not what was asked for. Other parts are in `tried` where they fell back. */
export interface DeviceReport {
  /** "cpu", "webgpu", "cuda", "dml" or "coreml"; "analytic" for a model in closed form. */
  readonly provider: string;
  /** The processor or graphics adapter by its name; absent where several come into question. */
  readonly adapter?: string;
  /** Of the adapter; the machine's own where it computes on the processor. */
  readonly memoryBytes?: number;
  /** Version of the graphics driver. */
  readonly driver?: string;
  /** What the arithmetic is done in; weights may be stored in less. */
  readonly precision?: "float32" | "float16";
  /** Operators of the denoiser that the provider does not have and the CPU ran. */
  readonly fallbackOperators: readonly string[];
  /** Where the denoiser's operators ran in one profiled call, most operators first. */
  readonly providers?: readonly ProviderShare[];
  /** Devices that "auto" passed over, best first; then parts beside the denoiser that the device did not load, and that run on the CPU. */
  readonly tried?: readonly TriedDevice[];
  /** Samples per model call, and threads of one call. */
  readonly batch: number;
  readonly threads: number;
}

export interface ProviderShare {
  /** A device's name, or the runtime's own name of a provider that is none of ours. */
  readonly provider: string;
  /** Operators of the graph that ran there. */
  readonly nodes: number;
  /**
   * Their time in that call as the host sees it, milliseconds. A GPU's work is handed over and not waited for, so there it is the cost of
   * handing over.
   */
  readonly milliseconds: number;
}

/** A device that was passed over, for the model or for a part of it, and why. */
export interface TriedDevice {
  readonly device: string;
  readonly reason: string;
  /** What to do so that it works; may be empty. */
  readonly advice: string;
}
