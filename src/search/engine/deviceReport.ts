/** What a model really runs on, as measured when it was loaded: not what was asked for. Of its denoiser, but for `parts` and `tried`. */
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
  /** The graphs beside the denoiser, in the order of loading; absent or empty where all run on the processor. */
  readonly parts?: readonly PartReport[];
  /** Devices that "auto" passed over, best first; then parts beside the denoiser that the device did not load or run, and that run on the CPU. */
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

/** Where one of the graphs beside the denoiser runs. */
export interface PartReport {
  /** The file of a diffusers folder, or the name of a verifier. */
  readonly part: string;
  /** The denoiser's device, or "cpu" where that one does not run it: `tried` has the reason. */
  readonly provider: string;
  /** Where its operators ran in one profiled call, most operators first; absent on the processor, which hands nothing over. */
  readonly providers?: readonly ProviderShare[];
  /** Its operators that the processor ran. */
  readonly fallbackOperators?: readonly string[];
}

/** A device that was passed over, for the model or for a part of it, and why. */
export interface TriedDevice {
  readonly device: string;
  readonly reason: string;
  /** What to do so that it works; may be empty. */
  readonly advice: string;
}
