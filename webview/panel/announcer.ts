import { h, setText } from "../dom.js";
import type { RunModel } from "../state/model.js";
import { announcement } from "../state/words.js";

/** What a screen reader says of a search while something else has the focus. */
export class Announcer {
  readonly element = h("div", { class: "unseen", role: "status", "aria-live": "polite" });
  private announced: RunModel | undefined;

  /** As often as it is drawn, not with each delta: who listens to one is not interrupted by the next. */
  update(model: RunModel): void {
    const was = this.announced?.record;
    this.announced = model;
    const { rounds, state } = model.record;
    if (was && (was.rounds.length !== rounds.length || was.state !== state)) this.say(announcement(model));
  }

  say(words: string): void {
    setText(this.element, words);
  }
}
