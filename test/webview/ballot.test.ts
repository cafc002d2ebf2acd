import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SearchOutput } from "../../src/search/record.js";
import { castVote, emptyVote, enteredVote, pickOf, voteText } from "../../webview/panel/vote.js";
import { makeOutput } from "./fixtures/records.js";
import { NotebookPages, type NotebookPage } from "./helpers/notebookPage.js";

let pages: NotebookPages;
let notebook: NotebookPage;
beforeAll(async () => (pages = await NotebookPages.launch()), 180_000);
afterAll(() => pages?.close());
beforeEach(async () => (notebook = await pages.open()));
afterEach(() => notebook.close());

const candidates = ["r3-c2", "r3-c0", "r2-c1", "r3-c3", "r3-c1"];
const question = { number: 3, verifier: "human", text: "which octopus?", round: 3, candidates };
const three = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, done: 3, state: "paused" });
const waiting: SearchOutput = { ...three, record: { ...three.record, state: "waiting", question } };
const choice = (n: number) => notebook.page.locator(".choice").nth(n - 1);
const pick = (order: string[][], dropped: string[] = []) => ({
  type: "search",
  run: "fixture",
  action: { kind: "pick", question: 3, order, dropped },
});

describe("the ballot", () => {
  test("shows the candidates by number, in the question's order, and nothing that a verifier says", async () => {
    await notebook.live(waiting);
    expect(await notebook.text(".pill")).toContain("waiting for a pick");
    expect(await notebook.text(".ask")).toBe("which octopus?");
    expect(await notebook.page.locator(".choice").allInnerTexts()).toEqual(["1", "2", "3", "4", "5"]);
    expect(await notebook.page.locator(".main, .strip, .trace").filter({ visible: true }).count()).toBe(0);
    const markup = await notebook.page.locator(".ballot").innerHTML();
    expect(markup).not.toMatch(/r\d-c\d|0\.\d/);
    const drawn = await choice(1)
      .locator("canvas")
      .evaluate((canvas: any) => new Set(canvas.getContext("2d").getImageData(0, 0, 32, 32).data).size);
    expect(drawn).toBeGreaterThan(10);
    expect(notebook.complaints).toEqual([]);
  });

  test("a click ranks, and the button answers once", async () => {
    await notebook.live(waiting);
    await choice(4).click();
    await notebook.page.getByRole("button", { name: "Pick 4" }).click();
    expect(await notebook.sent()).toEqual([pick([["r3-c3"]])]);
    await expect.poll(() => notebook.page.locator(".ask-actions .filled").isDisabled()).toBe(true);
  });

  test("by keys alone: move, rank, drop, take back, send; no key reaches the notebook", async () => {
    await notebook.live(waiting);
    await choice(1).focus();
    const { keyboard } = notebook.page;
    for (const key of ["ArrowRight", "Space", "End", "Space", "ArrowLeft", "x", "Home", "Space", "Space"])
      await keyboard.press(key);
    const votes = await notebook.page
      .locator(".choice")
      .evaluateAll((all: any[]) => all.map((one) => one.getAttribute("aria-label")));
    expect(votes).toEqual([
      "Candidate 1",
      "Candidate 2, rank 1",
      "Candidate 3",
      "Candidate 4, dropped",
      "Candidate 5, rank 2",
    ]);
    expect(await notebook.text(".ask-actions .filled")).toBe("Send ranking, drop 1");
    await expect
      .poll(() => notebook.page.locator("[role=status]").textContent())
      .toBe("Candidate 1, not ranked.");
    await keyboard.press("Enter");
    expect(await notebook.sent()).toEqual([pick([["r3-c0"], ["r3-c1"]], ["r3-c3"])]);
    expect(await notebook.leaked()).toEqual([]);
    expect(await notebook.page.locator(".choice[tabindex='0']").count()).toBe(1);
  });

  test("Enter on a picture picks it, and the next question takes the focus where the last one had it", async () => {
    await notebook.live(waiting);
    await choice(2).focus();
    await notebook.page.keyboard.press("Enter");
    expect(await notebook.sent()).toEqual([pick([["r3-c0"]])]);
    const { spent, notices } = three.record;
    await notebook.delta(2, { run: "fixture", head: { state: "running", spent, notices } });
    await expect.poll(() => notebook.page.locator(".ballot").isHidden()).toBe(true);
    expect(await notebook.page.locator(".main").isVisible()).toBe(true);
    const next = { ...question, number: 4, candidates: ["r3-c1", "r3-c0"] };
    await notebook.delta(3, { run: "fixture", head: { state: "waiting", spent, notices, question: next } });
    await expect.poll(() => notebook.page.locator(".choice:focus").count()).toBe(1);
    expect(await notebook.page.locator(".choice").count()).toBe(2);
  });

  test("Enter on a picture that was dropped drops it, and picks it not", async () => {
    await notebook.live(waiting);
    await choice(2).focus();
    // Once: until the kernel answers, a second press is no second answer.
    for (const key of ["x", "Enter", "Enter", "ArrowRight", "Space", "Enter"])
      await notebook.page.keyboard.press(key);
    expect(await notebook.sent()).toEqual([pick([], ["r3-c0"])]);
    expect(await notebook.page.locator(".ask-actions .filled").isDisabled()).toBe(true);
  });

  test("without a kernel there is nothing to answer: what is saved is shown", async () => {
    await notebook.render(waiting);
    await notebook.receive({ type: "gone", run: "fixture", reason: "No kernel is running." });
    await expect.poll(() => notebook.page.locator(".main").isVisible()).toBe(true);
    expect(await notebook.page.locator(".ballot").isHidden()).toBe(true);
    expect(await notebook.text(".pill")).toContain("waiting for a pick");
  });

  test("a question that is markup is text; candidates that do not exist have no picture", async () => {
    const evil = `<img src=x onerror="globalThis.hit = 1">`;
    const hostile = { ...question, text: evil, candidates: [evil, "r3-c0"] };
    await notebook.live({ ...waiting, record: { ...waiting.record, question: hostile } });
    expect(await notebook.text(".ask")).toBe(evil);
    expect(await notebook.page.evaluate(() => (globalThis as any).hit)).toBeUndefined();
    expect(notebook.complaints).toEqual([]);
  });
});

describe("a vote", () => {
  const at = (...marks: [kind: "rank" | "drop", place: number][]) =>
    marks.reduce((vote, [kind, place]) => castVote(vote, kind, place), emptyVote);

  test("marks and takes back; nobody is ranked and dropped at once", () => {
    expect(at(["rank", 2], ["rank", 0], ["rank", 2])).toEqual({ ranks: [0], dropped: [] });
    expect(at(["rank", 1], ["drop", 1])).toEqual({ ranks: [], dropped: [1] });
    expect(at(["drop", 1], ["rank", 1])).toEqual({ ranks: [1], dropped: [] });
  });

  test("by Enter takes the picture in, where none was ranked and it was not dropped", () => {
    expect(enteredVote(emptyVote, 3)).toEqual({ ranks: [3], dropped: [] });
    expect(enteredVote(at(["drop", 1]), 3)).toEqual({ ranks: [3], dropped: [1] });
    expect(enteredVote(at(["drop", 1]), 1)).toEqual({ ranks: [], dropped: [1] });
    expect(enteredVote(at(["rank", 0]), 3)).toEqual({ ranks: [0], dropped: [] });
  });

  test("becomes the answer to its question, and says what it is", () => {
    expect(pickOf(at(["rank", 2], ["rank", 0], ["drop", 4]), question)).toEqual({
      ...{ kind: "pick", question: 3 },
      ...{ order: [["r2-c1"], ["r3-c2"]], dropped: ["r3-c1"] },
    });
    expect(voteText(emptyVote, 5)).toBe("Pick");
    expect(voteText(at(["rank", 1]), 5)).toBe("Pick 2");
    expect(voteText(at(["drop", 1]), 5)).toBe("Drop 1");
    expect(voteText(at(["drop", 0], ["drop", 1]), 2)).toBe("Drop all");
  });
});
