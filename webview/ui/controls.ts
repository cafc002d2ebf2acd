import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import type { CandidateStatus } from "../../src/search/record.js";
import { h, setText } from "../dom.js";
import { passingText, type FilterControls } from "../panel/filterBar.js";
import { everything, parseBand, type Filter } from "../state/filter.js";

provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeCheckbox(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodeTextField(),
);

const STATUSES: readonly (CandidateStatus | "all")[] = ["all", "live", "kept", "dropped", "final", "failed"];

/** The filter of the panel, in VS Code's own controls. Only files in this folder know the toolkit. */
export function inspectorControls(
  filter: (filter: Partial<Filter>) => void,
  clear: () => void,
): FilterControls {
  const words = control("vscode-text-field", {
    placeholder: "id",
    "aria-label": "Candidates whose id contains",
  });
  const score = control("vscode-text-field", {
    placeholder: "score from",
    "aria-label": "At least as good as",
  });
  const round = control("vscode-text-field", { placeholder: "round", "aria-label": "Of round" });
  const level = control("vscode-text-field", {
    ...{ placeholder: "level", title: "0.5, or 0.6 to 0.4" },
    "aria-label": "At noise levels",
  });
  const status = control("vscode-dropdown", { "aria-label": "Status" });
  for (const one of STATUSES) {
    const option = control("vscode-option", { value: one });
    option.textContent = one === "all" ? "any status" : one;
    status.append(option);
  }
  const all = control("vscode-button", { appearance: "secondary" });
  all.textContent = "Show all";
  words.addEventListener("input", () => filter({ words: words.value }));
  score.addEventListener("input", () => {
    const value = Number(score.value.replace(",", "."));
    filter({ score: score.value.trim() !== "" && Number.isFinite(value) ? value : undefined });
  });
  round.addEventListener("input", () => {
    const value = Number(round.value);
    filter({ round: round.value.trim() !== "" && Number.isInteger(value) ? value : undefined });
  });
  level.addEventListener("input", () => filter({ band: parseBand(level.value) }));
  status.addEventListener("change", () =>
    filter({ status: STATUSES.find((one) => one === status.value) ?? "all" }),
  );
  all.addEventListener("click", () => {
    words.value = score.value = round.value = level.value = "";
    status.value = "all";
    filter(everything);
    clear();
  });
  const fold = control("vscode-checkbox", {}) as HTMLElement & { value: string; checked: boolean };
  fold.textContent = "fold dropped";
  fold.addEventListener("change", () => filter({ folded: fold.checked }));
  const count = h("span", { class: "muted" });
  return {
    element: h(
      "div",
      { class: "filter", role: "search" },
      words,
      status,
      score,
      round,
      level,
      fold,
      all,
      count,
    ),
    update: (state) => {
      if (fold.checked !== state.filter.folded) fold.checked = state.filter.folded;
      setText(count, passingText(state));
    },
  };
}

/** Elements of the toolkit carry their value as a property. */
function control(
  name: string,
  attributes: Readonly<Record<string, string>>,
): HTMLElement & { value: string } {
  const element = document.createElement(name) as HTMLElement & { value: string };
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
