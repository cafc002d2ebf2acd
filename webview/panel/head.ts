import type { SearchAction } from "../../src/kernel/protocol.js";
import { h, setAttribute, setText } from "../dom.js";
import type { ViewState } from "../state/reduce.js";
import { algorithmTitle, problemText, spentShare, spentText, stateText } from "../state/words.js";

type Kind = Exclude<SearchAction["kind"], "pick">;

const SAVED = "Saved result.";

/** The row of truth: algorithm, problem, state, compute spent of the budget, and the next action. */
export class Head {
  readonly element: HTMLElement;
  private readonly title = h("h3", { class: "title" });
  private readonly problem = h("span", { class: "problem" });
  private readonly pill = h("span", { class: "pill" });
  private readonly spent = h("span", { class: "spent" });
  private readonly fill = h("div", { class: "fill" });
  private readonly bar = h(
    "div",
    { class: "bar", role: "progressbar", "aria-label": "Budget spent" },
    this.fill,
  );
  private readonly buttons: Readonly<Record<Kind, HTMLButtonElement>>;
  private readonly actions: HTMLElement;
  private readonly quiet = h("span", { class: "quiet" }, SAVED);

  /** `inspect` opens the panel, where there is one. */
  constructor(act: (kind: Kind) => void, inspect?: () => void) {
    const button = (kind: Kind, label: string, title: string): HTMLButtonElement => {
      const element = h(
        "button",
        { type: "button", class: kind === "step" ? "filled" : "plain", title },
        label,
      );
      element.addEventListener("click", () => act(kind));
      return element;
    };
    this.buttons = {
      step: button("step", "Step", "Run one round"),
      run: button("run", "Run", "Run until the budget is spent"),
      pause: button("pause", "Pause", "Pause after the round in work"),
      stop: button("stop", "Stop", "End the search here; the best so far stands"),
    };
    const { step, run, pause, stop } = this.buttons;
    this.actions = h(
      "div",
      { class: "actions", role: "group", "aria-label": "Search" },
      step,
      run,
      pause,
      stop,
    );
    const open = h(
      "button",
      { type: "button", class: "plain inspect", title: "All views side by side, in an editor" },
      "Inspect",
    );
    open.addEventListener("click", () => inspect?.());
    this.element = h(
      "header",
      { class: "head" },
      h("div", { class: "what" }, this.title, this.problem, this.pill),
      h("div", { class: "spend" }, this.spent, this.bar),
      this.actions,
      this.quiet,
      inspect && open,
    );
  }

  update(state: ViewState): void {
    const { model, link, pending } = state;
    const { record } = model;
    setText(this.title, algorithmTitle(record.algorithm.name));
    setText(this.problem, problemText(model));
    setAttribute(this.problem, "title", problemText(model));
    setText(this.pill, stateText(model));
    setAttribute(this.pill, "data-state", record.state);
    setAttribute(this.pill, "title", record.reason);
    setText(this.spent, spentText(state));
    const share = spentShare(state);
    // Of a saved search that has ended it says nothing that the numbers do not.
    this.bar.hidden = share === undefined || (link === "gone" && model.ended);
    this.fill.style.width = `${100 * (share ?? 0)}%`;
    setAttribute(this.bar, "aria-valuenow", Math.round(100 * (share ?? 0)));

    // While nobody has answered there are neither buttons nor the sentence: no flicker when the answer comes.
    // A saved search that has not ended goes on where it stopped: Step and Run make it again as far as it is saved.
    const isSaved = link === "gone" && state.canContinue === true && !model.ended;
    this.actions.hidden = (link !== "live" && !isSaved) || model.ended;
    this.quiet.hidden = link !== "gone";
    // Where a cell cannot make it live, the notes say why.
    const isHopeless = state.goneBecause !== undefined && state.canContinue !== true;
    setText(this.quiet, isSaved || isHopeless ? SAVED : `${SAVED} Run the cell to make it live.`);
    setAttribute(this.quiet, "title", state.goneBecause);
    const running = !isSaved && (record.state === "running" || record.state === "waiting");
    const { step, run, pause, stop } = this.buttons;
    const wasFocused = [run, pause].some((button) => button.matches(":focus"));
    // The next action is then the pick.
    step.hidden = !isSaved && record.state === "waiting";
    stop.hidden = isSaved;
    run.hidden = running;
    pause.hidden = !running;
    if (wasFocused) (running ? pause : run).focus({ preventScroll: true });
    step.disabled = run.disabled = running || pending !== undefined;
    pause.disabled = pending === "pause";
    stop.disabled = pending === "stop";
  }
}
