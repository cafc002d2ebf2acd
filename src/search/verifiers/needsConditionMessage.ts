/** What is said where a verifier would score against a condition that is not there. */
export function needsConditionMessage(name: string): string {
  return `Verifier ${name} scores against a condition, but there is none. Give a condition, e.g. condition: "…".`;
}
