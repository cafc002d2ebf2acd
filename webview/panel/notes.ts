import { countedAs } from "../axis.js";
import { h } from "../dom.js";
import type { ViewState } from "../state/reduce.js";
import { HACKING_RULE, hackingSentences } from "../state/hacking.js";
import { oddSentences } from "../state/words.js";

/** What a reader has to know beside the pictures: a refusal, why it ended, warnings; four of them. */
export class Notes {
  readonly element = h("div", { class: "notes" });

  update(state: ViewState): void {
    const { reason, notices } = state.model.record;
    const hacking = hackingSentences(state.model);
    const warnings = [...notices, ...oddSentences(state)];
    const lines: [kind: string, sentence: string, title?: string][] = [
      ...hacking.map((sentence): [string, string, string] => ["warning", sentence, HACKING_RULE]),
      ...warnings.map((sentence): [string, string] => ["warning", sentence]),
    ];
    if (state.view === "tree")
      lines.push(...axisSentences(state).map((sentence): [string, string] => ["reason", sentence]));
    if (state.link === "gone" && state.goneBecause !== undefined && !state.canContinue)
      lines.unshift(["reason", state.goneBecause]);
    if (state.refusal !== undefined) lines.unshift(["refusal", state.refusal]);
    if (reason !== undefined && state.model.record.state !== "finished") lines.unshift(["reason", reason]);
    const shown = lines.slice(0, 4);
    if (lines.length > shown.length)
      shown.push(["reason", `${lines.length - shown.length} more notices in the record.`]);
    this.element.hidden = shown.length === 0;
    const same = shown.map(([kind, text]) => kind + text).join("\n");
    if (this.element.dataset["shown"] === same) return;
    this.element.dataset["shown"] = same;
    this.element.replaceChildren(
      ...shown.map(([kind, text, title]) => h("p", { class: kind, title }, text.slice(0, 400))),
    );
  }
}

/** Where the axis counts something else than was asked for, why. */
function axisSentences({ model, measure, times }: ViewState): string[] {
  const counted = countedAs(model, measure, times);
  // NFE is what nobody has to ask for.
  if (counted === measure || measure === "nfe") return [];
  const instead = `the axis counts ${counted === "nfe" ? "NFE" : "rounds"}.`;
  if (measure === "seconds")
    return [`Seconds are in no record, only the kernel that ran a search knows them: ${instead}`];
  return [`A round of this search spends no ${measure === "calls" ? "verifier calls" : measure}: ${instead}`];
}
