import type { MessagePort } from "node:worker_threads";
import type { Engine, EngineCondition, EngineModel, ImageData8 } from "../../search/index.js";
import type { Diagnosis, ModelState } from "../protocol.js";
import type { DeviceReport } from "../../search/engine/engine.js";

/** The operations of an engine that cross the port; `signal` becomes a "cancel" message. */
export type EngineOperation = Exclude<keyof Engine, "model" | "device" | "host" | "salt" | "dispose">;

export type ToEngine =
  | {
      readonly type: "open";
      readonly id: number;
      readonly model: unknown;
      readonly options: unknown;
      /** Relative model folders start here. */
      readonly directory: string;
    }
  | {
      readonly type: "call";
      readonly id: number;
      readonly engine: string;
      readonly operation: EngineOperation;
      readonly parameters: readonly unknown[];
    }
  | {
      readonly type: "openVerifier";
      readonly id: number;
      readonly folder: unknown;
      readonly options: unknown;
      readonly directory: string;
    }
  | {
      readonly type: "scoreImages";
      readonly id: number;
      readonly verifier: string;
      readonly images: readonly ImageData8[];
      readonly conditions: readonly (EngineCondition | undefined)[];
      /** Of a verifier that compares: the preview of each image. */
      readonly references?: readonly ImageData8[];
    }
  | { readonly type: "cancel"; readonly id: number }
  | { readonly type: "close"; readonly id: number; readonly engine: string };

export type FromEngine =
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly name: string; readonly message: string }
  /** How far the "open" of that id is, in bytes of the model's files. */
  | { readonly type: "progress"; readonly id: number; readonly done: number; readonly total: number }
  /** A sentence for the user that answers nothing, e.g. that the cache was damaged. */
  | { readonly type: "notice"; readonly text: string };

/** What "open" gives. */
export interface OpenedEngine {
  readonly engine: string;
  readonly model: EngineModel;
  readonly device: DeviceReport;
}

/** From the control thread. */
export type ToEngineThread =
  /** One more cells worker to serve. */
  | { readonly type: "connect"; readonly port: MessagePort }
  /** Answered by one "diagnosis" with the same `id`. */
  | { readonly type: "diagnose"; readonly id: number; readonly model?: string }
  /** Bring what was computed to the disk, and leave. */
  | { readonly type: "end" };

/** To the control thread. */
export type FromEngineThread =
  /** What has changed since the last one. */
  /** `runtime`: the version of onnxruntime. */
  | { readonly type: "models"; readonly models: readonly ModelState[]; readonly runtime: string }
  | { readonly type: "diagnosis"; readonly id: number; readonly diagnosis: Diagnosis }
  | { readonly type: "failed"; readonly id: number; readonly reason: string };
