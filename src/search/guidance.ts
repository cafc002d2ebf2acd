import { realNumber, shown } from "./check.js";
import type { ParsedCondition } from "./condition.js";
import type { EngineModel } from "./engine/engine.js";
import type { Guidance } from "./engine/tensorId.js";
import { InputError } from "./inputError.js";
import type { SamplingOptions } from "./sampling.js";

/** As a record has them: what is left out is off. */
export type GuidanceOptions = Pick<SamplingOptions, "guidanceRescale" | "trueGuidance"> & {
  readonly guidance: number;
};

export interface ParsedGuidance {
  readonly guided: Guidance;
  readonly asked: GuidanceOptions;
  /** With the scale in it where that is an input of the network. */
  readonly condition?: ParsedCondition;
}

/**
 * A model guides by two passes (`guidance`), or it embeds its scale: then `guidance` goes into its condition, and two passes are of
 * `trueGuidance`. Refuses what would do nothing: a scale without a condition, a rescale without a second pass, a second pass that has no
 * negative prompt, and a negative prompt without a second pass.
 */
export function parseGuidance(
  given: Readonly<Record<string, unknown>>,
  condition: ParsedCondition | undefined,
  model: EngineModel,
): ParsedGuidance {
  const scale = parseScale(given["guidance"], condition, model);
  const combined = parseTrueGuidance(given["trueGuidance"], condition, model);
  const guidance = combined ?? scale;
  if (guidance === 1 && !model.embedsGuidance && condition?.condition.negative !== undefined) {
    throw new InputError(
      `The condition has a negative prompt, but guidance is ${shown(scale)}, which is off: it would do nothing. Give guidance, e.g. 2.5, or leave the negative prompt out.`,
    );
  }
  const rescale = parseRescale(given["guidanceRescale"], guidance);
  const shared = rescale === undefined ? {} : { rescale };
  return {
    guided: { guidance, ...shared },
    asked: {
      guidance: scale,
      ...(rescale === undefined ? {} : { guidanceRescale: rescale }),
      ...(combined === undefined || combined === 1 ? {} : { trueGuidance: combined }),
    },
    ...(condition && {
      condition: combined === undefined ? condition : embedding(condition, scale),
    }),
  };
}

/** What the user has to know of a scale that was taken as it is; undefined where there is nothing to say. */
export function guidanceRemark(
  { guidance }: Guidance,
  condition: ParsedCondition | undefined,
): string | undefined {
  return guidance === 0 && condition
    ? "guidance is 0: only the unconditional pass counts, so the picture does not depend on the condition."
    : undefined;
}

const embedding = (parsed: ParsedCondition, guidance: number): ParsedCondition => ({
  ...parsed,
  condition: { ...parsed.condition, guidance },
});

function parseScale(value: unknown, condition: ParsedCondition | undefined, model: EngineModel): number {
  const given = realNumber(value ?? (condition ? model.defaults.guidance : 1), "guidance", 0);
  const scale = model.guidesFromOne ? Math.max(1, given) : given;
  if (condition || scale === 1) return scale;
  throw new InputError(
    model.labels || model.textConditioned
      ? `guidance is ${shown(scale)}, but there is no condition to guide to. Give one, or leave guidance at 1.`
      : `guidance is ${shown(scale)}, but the model takes no condition that it could guide to. Leave guidance at 1.`,
  );
}

/** Undefined of a model that does not embed its scale. */
function parseTrueGuidance(
  value: unknown,
  condition: ParsedCondition | undefined,
  { embedsGuidance }: EngineModel,
): number | undefined {
  const scale = realNumber(value ?? 1, "trueGuidance", 0);
  const hasNegative = condition?.condition.negative !== undefined;
  if (!embedsGuidance) {
    if (scale === 1) return undefined;
    throw new InputError(
      `trueGuidance is ${scale}, but is for models that have the guidance scale as an input; this one guides by two passes. Give guidance.`,
    );
  }
  if (scale === 1 && hasNegative) {
    throw new InputError(
      "The model has the guidance scale as an input and makes one pass, so a negative prompt does nothing. Leave it out, or have a second pass with trueGuidance, e.g. 4.",
    );
  }
  if (scale !== 1 && !hasNegative) {
    throw new InputError(
      `trueGuidance is ${scale}, but there is no negative prompt to guide away from. Give condition.negative; it may be empty.`,
    );
  }
  return scale;
}

function parseRescale(value: unknown, guidance: number): number | undefined {
  const rescale = realNumber(value ?? 0, "guidanceRescale", 0, 1);
  if (rescale === 0) return undefined;
  if (guidance !== 1) return rescale;
  throw new InputError(
    `guidanceRescale is ${rescale}, but there is no guidance whose result it could rescale. Leave it out, or guide by a scale other than 1.`,
  );
}
