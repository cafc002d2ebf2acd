import type { CandidateRecord, CandidateId } from "../../src/search/record.js";
import { levelText } from "../branches/layout.js";
import { h } from "../dom.js";
import { descendantsOf } from "../state/descendants.js";
import { lineageOf, type RunModel } from "../state/model.js";
import { cut, formatScore, plural, whole } from "../state/words.js";

export interface DetailsEvents {
  select(id: CandidateId | undefined): void;
  copy(text: string): void;
}

/** Ancestors that are named; of a longer line the latest. */
const MOST = 6;
/** Parameters of the algorithm that are named. */
const MOST_OPTIONS = 12;
const COPIED = 1500;

/** All that it takes to make a candidate again: where it comes from, parameters, seed and noise key; and what it cost. */
export class Details {
  readonly element: HTMLDetailsElement;
  private readonly list = h("dl", { class: "details" });

  constructor(
    private readonly events: DetailsEvents,
    open: boolean,
  ) {
    this.element = h("details", { open }, h("summary", {}, "Details"), this.list);
  }

  update(model: RunModel, candidate: CandidateRecord): void {
    const { algorithm, problem, model: sampler } = model.record;
    const { op, from, level, cost, key, logWeight } = candidate;
    const descendants = descendantsOf(model).get(candidate.id);
    const calls = Object.values(cost.verifierCalls).reduce((sum, count) => sum + count, 0);
    const rows: readonly (readonly [name: string, value: string | HTMLElement | undefined])[] = [
      ["made by", cut(op) || undefined],
      ["noise levels", `${levelText(from)} to ${levelText(level)}`],
      ["ancestry", this.ancestry(model, candidate)],
      ["came of it", descendants === undefined ? undefined : plural(descendants, "candidate")],
      ["weight", logWeight === undefined ? undefined : `e to the ${formatScore(logWeight)}`],
      [
        "cost",
        `${whole(cost.cold.nfe)} NFE, ${plural(cost.cold.forwards, "forward")}, ${plural(calls, "verifier call")}`,
      ],
      ["seed", this.copied("seed", String(problem.seed))],
      ["noise key", key === "" ? undefined : this.copied("key", key)],
      ["parameters", optionsText(algorithm.options)],
      ["sampler", samplerText(problem)],
      ["model", cut(`${sampler.name} ${sampler.version}`.trim()) || undefined],
    ];
    this.list.replaceChildren(
      ...rows.flatMap(([name, value]) =>
        value === undefined ? [] : [h("dt", {}, name), h("dd", {}, value)],
      ),
    );
  }

  /** From the oldest to its parent; each of them can be gone to. */
  private ancestry(model: RunModel, { id }: CandidateRecord): HTMLElement | undefined {
    const all = lineageOf(model, id).slice(0, -1);
    if (all.length === 0) return undefined;
    const named = all.slice(-MOST).map((ancestor) => {
      const button = h(
        "button",
        { type: "button", class: "link", "data-action": `to ${ancestor}` },
        cut(ancestor),
      );
      button.addEventListener("click", () => this.events.select(ancestor));
      return button;
    });
    const left = all.length - named.length;
    return h(
      "span",
      { class: "ancestry" },
      ...(left > 0 ? [h("span", {}, `${plural(left, "earlier one")}`)] : []),
      ...named,
    );
  }

  private copied(name: string, text: string): HTMLElement {
    const button = h(
      "button",
      { type: "button", class: "link", "data-action": `copy ${name}`, "aria-label": `Copy ${name}` },
      "copy",
    );
    button.addEventListener("click", () => {
      this.events.copy(text);
      button.textContent = "copied";
      setTimeout(() => (button.textContent = "copy"), COPIED);
    });
    return h("span", {}, `${cut(text)} `, button);
  }
}

function samplerText({ solver, steps, guidance, eta }: RunModel["record"]["problem"]): string {
  const parts = [
    cut(solver),
    plural(steps, "step"),
    `guidance ${guidance}`,
    ...(eta > 0 ? [`eta ${eta}`] : []),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** Those that are plain values. */
function optionsText(options: Readonly<Record<string, unknown>>): string | undefined {
  const plain = Object.entries(options).filter(([, value]) =>
    ["string", "number", "boolean"].includes(typeof value),
  );
  const text = plain
    .slice(0, MOST_OPTIONS)
    .map(([name, value]) => `${cut(name)} ${cut(String(value))}`)
    .join(", ");
  return text === "" ? undefined : text;
}
