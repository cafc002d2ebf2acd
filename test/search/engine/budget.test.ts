import { expect, test } from "vitest";
import { BudgetGuard, parseBudget } from "../../../src/search/engine/budget.js";
import { Account } from "../../../src/search/engine/ledger.js";

test("an operation is granted for the longest prefix that overruns no limit", () => {
  const account = new Account();
  const guard = new BudgetGuard({ nfe: 100 }, account, ["v"], () => 0);
  expect(guard.reserveDenoise([30, 30, 30, 30])).toEqual({
    granted: 3,
    refusal: "The budget of 100 NFE is used up: 0 are spent, and one more candidate costs 30.",
  });
  // Reserved, not yet spent: it is not given out twice.
  expect(guard.reserveDenoise([30]).granted).toBe(0);
  account.add({ nfe: 80, cached: false });
  guard.settle();
  expect(guard.reserveDenoise([20])).toEqual({ granted: 1 });
});

test("a budget counts what a run without the cache would have paid", () => {
  const account = new Account();
  const guard = new BudgetGuard({ nfe: 10, verifierCalls: 2 }, account, ["v"], () => 0);
  account.add({ nfe: 8, cached: true });
  account.add({ verifier: "v", cached: true });
  expect(account.ledger()).toMatchObject({ nfe: 0, verifierCalls: {}, cold: { nfe: 8 } });
  expect(account.cost()).toMatchObject({ nfe: 8, verifierCalls: { v: 1 }, cold: { nfe: 8 } });
  expect(guard.reserveDenoise([4]).granted).toBe(0);
  expect(guard.reserveScore(2)).toEqual({
    granted: 1,
    refusal: "The budget of 2 verifier calls is used up.",
  });
});

test("what could not be scored any more is not denoised either", () => {
  const guard = new BudgetGuard({ verifierCalls: 2 }, new Account(), ["v"], () => 0);
  expect(guard.reserveDenoise([8, 8, 8])).toEqual({
    granted: 2,
    refusal: "The budget of 2 verifier calls is used up.",
  });
});

test("no verifier is called more often than the limit, whichever is called most", () => {
  const account = new Account();
  const guard = new BudgetGuard({ verifierCalls: 3 }, account, ["a", "b"], () => 0);
  account.add({ verifier: "b", cached: false });
  account.add({ verifier: "b", cached: false });
  expect(guard.reserveScore(5).granted).toBe(1);
});

test("seconds refuse once they have passed", () => {
  let now = 0;
  const guard = new BudgetGuard({ seconds: 2 }, new Account(), ["v"], () => now);
  expect(guard.reserveDenoise([1]).granted).toBe(1);
  now = 1999;
  expect(guard.millisecondsLeft).toBe(1);
  now = 2500;
  expect(guard.reserveDenoise([1])).toEqual({ granted: 0, refusal: "The budget of 2 seconds is used up." });
});

test.each([
  [{ nfe: 0 }, "budget.nfe is 0, but must be a whole number from 1 up."],
  [{ nfe: -8 }, "budget.nfe is -8, but must be a whole number from 1 up."],
  [{ nfe: 1.5 }, "budget.nfe is 1.5, but must be a whole number from 1 up."],
  [{ nfe: NaN }, "budget.nfe is NaN, but must be a whole number from 1 up."],
  [{ seconds: 0 }, "budget.seconds is 0, but must be a number above 0."],
  [{ seconds: Infinity }, "budget.seconds is Infinity, but must be a number above 0."],
  [{ NFE: 8 }, 'budget has no "NFE". It has: nfe, verifierCalls, seconds, rounds.'],
  [64, "budget is 64, but must be an object. It has: nfe, verifierCalls, seconds, rounds."],
])("budget %j is refused", (budget, message) => {
  expect(() => parseBudget(budget)).toThrow(message);
});
