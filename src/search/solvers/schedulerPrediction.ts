import { InputError } from "../inputError.js";
import { shown } from "../check.js";
import type { Prediction } from "../schedules/cleanSample.js";
import type { DiffusersSchedulerConfig } from "../schedulers/scheduler.js";

const PREDICTIONS: Readonly<Record<string, Prediction>> = {
  epsilon: "epsilon",
  v_prediction: "v",
  sample: "sample",
  original_sample: "sample",
  flow_prediction: "flow",
};

/** The name that diffusers has for a prediction. */
export const DIFFUSERS_PREDICTION: Readonly<Record<Prediction, string>> = {
  epsilon: "epsilon",
  v: "v_prediction",
  sample: "sample",
  flow: "flow_prediction",
};

/** What the network of a scheduler of this configuration predicts. */
export function predictionOf(config: DiffusersSchedulerConfig): Prediction {
  const { _class_name: name, prediction_type: type = "epsilon", use_flow_sigmas: flow = false } = config;
  if (name.startsWith("FlowMatch")) return "flow";
  const prediction = PREDICTIONS[String(type)];
  if (!prediction) {
    throw new InputError(
      `prediction_type ${shown(type)} of ${name} is not one that a model can have here. There is: ${Object.keys(PREDICTIONS).join(", ")}.`,
    );
  }
  if ((prediction === "flow") !== (flow === true)) {
    throw new InputError(
      `${name} has prediction_type ${shown(type)} ${flow === true ? "with" : "without"} use_flow_sigmas. A flow model needs both "flow_prediction" and use_flow_sigmas, any other neither.`,
    );
  }
  return prediction;
}
