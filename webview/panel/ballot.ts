import type { SearchAction } from "../../src/kernel/protocol.js";
import type { QuestionRecord } from "../../src/search/record.js";
import type { Atlas } from "../atlas.js";
import { h, setAttribute, setText } from "../dom.js";
import type { ViewState } from "../state/reduce.js";
import { cut, plural } from "../state/words.js";
import { castVote, emptyVote, enteredVote, pickOf, voteText, wordsFor, type Vote } from "./vote.js";

export interface BallotEvents {
  pick(action: SearchAction): void;
  /** For those who listen. */
  say(words: string): void;
}

/**
 * Where a person answers `human()`: the candidates by number, in an order that says nothing, without scores and names. A press ranks, another one
 * takes the rank back; everything by mouse or by keys alone.
 */
export class Ballot {
  readonly element: HTMLElement;
  private readonly question = h("h4", { class: "ask" });
  private readonly hint = h("p", { class: "hint" });
  private readonly choices = h("div", { class: "choices", role: "group" });
  private readonly send = h("button", { type: "button", class: "filled" });
  private readonly clear = h("button", { type: "button", class: "plain" }, "Clear");
  private asked: QuestionRecord | undefined;
  private vote: Vote = emptyVote;
  private cursor = 0;
  private pictures = "";
  /** An answer is on its way: there is no second one until the kernel has said what it thinks of it. */
  private isSent = false;
  /** It had the focus when it was answered: the next question takes it again. */
  private refocus = false;

  constructor(private readonly events: BallotEvents) {
    this.element = h(
      "section",
      { class: "ballot", "aria-label": "Pick" },
      h(
        "div",
        { class: "ask-row" },
        this.question,
        h("div", { class: "ask-actions" }, this.clear, this.send),
      ),
      this.choices,
      this.hint,
    );
    this.send.addEventListener("click", () => this.submit());
    this.clear.addEventListener("click", () => this.revise(emptyVote, "Cleared."));
    this.choices.addEventListener("click", (event) => this.onClick(event));
    this.choices.addEventListener("keydown", (event) => this.onKey(event));
    this.choices.addEventListener("focusin", (event) => {
      const at = this.buttons.indexOf(event.target as HTMLElement);
      if (at >= 0) this.moveTo(at, false);
    });
  }

  update(state: ViewState, atlas: Atlas): void {
    const { question } = state.model.record;
    const isOpen = question !== undefined && state.link === "live" && state.model.record.state === "waiting";
    this.element.hidden = !isOpen;
    if (!isOpen) {
      this.asked = undefined;
      this.pictures = "";
      return;
    }
    const before = this.asked;
    const isNew =
      before?.number !== question.number || before.candidates.join() !== question.candidates.join();
    this.asked = question;
    if (isNew) [this.vote, this.cursor] = [emptyVote, 0];
    setText(this.question, cut(question.text ?? "Which one is best?"));
    const pictures = JSON.stringify([question.number, question.candidates.map((id) => atlas.size(id))]);
    if (isNew || pictures !== this.pictures) this.build(question, atlas);
    this.pictures = pictures;
    if (isNew && this.refocus) this.moveTo(0, true);
    if (isNew) this.refocus = false;
    this.isSent = state.pending === "pick";
    this.show();
  }

  private get isEmpty(): boolean {
    return this.vote.ranks.length + this.vote.dropped.length === 0;
  }

  private get buttons(): HTMLElement[] {
    return [...this.choices.children] as HTMLElement[];
  }

  private build(question: QuestionRecord, atlas: Atlas): void {
    const hadFocus = this.choices.querySelector(":focus") !== null;
    this.choices.replaceChildren(
      ...question.candidates.map((id, i) => {
        const size = atlas.size(id) ?? [1, 1];
        const canvas = h("canvas", { width: size[0], height: size[1], "aria-hidden": "true" });
        atlas.draw(canvas.getContext("2d")!, id, 0, 0, ...size);
        return h(
          "button",
          { type: "button", class: "choice", tabindex: i === this.cursor ? 0 : -1 },
          canvas,
          h("span", { class: "choice-number" }, String(i + 1)),
          h("span", { class: "choice-mark" }),
        );
      }),
    );
    if (hadFocus) this.moveTo(this.cursor, true);
    setAttribute(
      this.choices,
      "aria-label",
      `${plural(question.candidates.length, "candidate")} in random order`,
    );
    setText(
      this.hint,
      "The order is drawn by lot. Click or Space ranks, X drops, Enter picks. Arrow keys move.",
    );
  }

  private show(): void {
    this.buttons.forEach((button, i) => {
      const words = wordsFor(this.vote, i);
      setAttribute(button, "data-vote", words.kind);
      setAttribute(button, "aria-pressed", String(words.kind === "ranked"));
      setAttribute(button, "aria-label", `Candidate ${i + 1}${words.long && `, ${words.long}`}`);
      setText(button.querySelector(".choice-mark")!, words.short);
      button.tabIndex = i === this.cursor ? 0 : -1;
    });
    this.showSend();
  }

  private showSend(): void {
    const count = this.asked?.candidates.length ?? 0;
    setText(this.send, voteText(this.vote, count));
    this.send.disabled = this.clear.disabled = this.isSent || this.isEmpty;
  }

  private onClick(event: MouseEvent): void {
    const button = (event.target as Element).closest<HTMLElement>(".choice");
    const at = button ? this.buttons.indexOf(button) : -1;
    if (at < 0) return;
    this.moveTo(at, true);
    this.cast("rank", at);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const last = this.buttons.length - 1;
    const columns = this.columns();
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: this.cursor - 1,
      ArrowRight: this.cursor + 1,
      ArrowUp: this.cursor - columns,
      ArrowDown: this.cursor + columns,
      Home: 0,
      End: last,
    };
    const to = Object.hasOwn(moves, event.key) ? moves[event.key]! : undefined;
    if (to !== undefined) {
      if (to >= 0 && to <= last) this.moveTo(to, true);
    } else if (event.key === " ") this.cast("rank", this.cursor);
    else if (event.key === "x" || event.key === "X" || event.key === "Delete") this.cast("drop", this.cursor);
    else if (event.key === "Enter") this.enter();
    else return;
    event.preventDefault();
  }

  private enter(): void {
    if (this.isSent) return;
    this.vote = enteredVote(this.vote, this.cursor);
    this.submit();
  }

  private submit(): void {
    if (!this.asked || this.isSent || this.isEmpty) return;
    this.isSent = true;
    this.refocus = this.element.matches(":focus-within");
    this.events.pick(pickOf(this.vote, this.asked));
  }

  private cast(kind: "rank" | "drop", at: number): void {
    const next = castVote(this.vote, kind, at);
    const { long } = wordsFor(next, at);
    this.revise(next, `Candidate ${at + 1}, ${long || "not ranked"}.`);
  }

  private revise(vote: Vote, words: string): void {
    if (this.isSent) return;
    this.vote = vote;
    this.show();
    this.events.say(words);
  }

  private moveTo(at: number, focus: boolean): void {
    this.buttons[this.cursor]?.setAttribute("tabindex", "-1");
    this.cursor = at;
    const button = this.buttons[at];
    button?.setAttribute("tabindex", "0");
    if (focus) button?.focus({ preventScroll: true });
  }

  /** How many stand in a row now. */
  private columns(): number {
    const tops = this.buttons.map((button) => button.offsetTop);
    return Math.max(1, tops.filter((top) => top === tops[0]).length);
  }
}
