import type { CandidateRecord } from "../../src/search/record.js";
import type { Atlas } from "../atlas.js";
import { h } from "../dom.js";
import { candidatesCsv } from "../state/csv.js";
import type { Stage } from "../stage.js";
import { shown, type ViewState } from "../state/reduce.js";
import type { Theme } from "../theme.js";
import { contactSheet } from "./contactSheet.js";
import { picturePng, pictureSvg } from "./picture.js";

type What = "png" | "svg" | "sheet" | "csv" | "json" | "image";

const CHOICES: readonly (readonly [What, string])[] = [
  ["png", "Picture in sight (PNG)"],
  ["svg", "Picture in sight (SVG)"],
  ["sheet", "Images, best first (PNG)"],
  ["csv", "Candidates (CSV)"],
  ["json", "Record (JSON)"],
  ["image", "Image of the candidate (PNG)"],
];

/** Files from what is shown. All of it is made here: nothing is asked of anybody. */
export class Export {
  readonly element: HTMLSelectElement;

  constructor(
    state: () => ViewState,
    stage: Pick<Stage, "element" | "drawings">,
    atlas: Atlas,
    theme: () => Theme,
  ) {
    this.element = h(
      "select",
      { class: "export", "aria-label": "Export" },
      h("option", { value: "", selected: true }, "Export"),
      ...CHOICES.map(([value, label]) => h("option", { value }, label)),
    );
    this.element.addEventListener("change", () => {
      const what = this.element.value;
      this.element.value = "";
      save(what as What | "", state(), stage, atlas, theme(), this.element);
    });
  }
}

function save(
  what: What | "",
  state: ViewState,
  stage: Pick<Stage, "element" | "drawings">,
  atlas: Atlas,
  theme: Theme,
  beside: HTMLElement,
): void {
  const { model, run } = state;
  const name = run.replace(/[^\w-]/g, "_");
  const candidate = shown(state);
  const picture = `${name}-${state.view}`;
  if (what === "png") download(`${picture}.png`, picturePng(stage.element), beside);
  if (what === "svg") {
    const text = pictureSvg(stage.element, stage.drawings);
    download(`${picture}.svg`, textUrl("image/svg+xml", text), beside);
  }
  const sheet = what === "sheet" ? contactSheet(state, atlas, theme) : undefined;
  if (sheet !== undefined) download(`${name}-images.png`, sheet, beside);
  if (what === "csv") download(`${name}.csv`, textUrl("text/csv", candidatesCsv(model)), beside);
  if (what === "json") {
    const text = `${JSON.stringify(model.record, null, 1)}\n`;
    download(`${name}.json`, textUrl("application/json", text), beside);
  }
  if (what === "image" && candidate) {
    const url = imagePng(atlas, candidate);
    if (url !== undefined) download(`${name}-${candidate.id.replace(/[^\w-]/g, "_")}.png`, url, beside);
  }
}

/** At the size that is there: whole if it was asked for, else the thumbnail. */
function imagePng(atlas: Atlas, { id }: CandidateRecord): string | undefined {
  const picture = atlas.has(`${id}@full`) ? `${id}@full` : id;
  const size = atlas.size(picture);
  if (!size) return undefined;
  const canvas = h("canvas", { width: size[0], height: size[1] });
  atlas.draw(canvas.getContext("2d")!, picture, 0, 0, ...size);
  return canvas.toDataURL("image/png");
}

function textUrl(mime: string, text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return `data:${mime};base64,${btoa(binary)}`;
}

/** VS Code asks where to save what a link with a name leads to; a browser downloads it. */
function download(name: string, url: string, beside: HTMLElement): void {
  const link = h("a", { href: url, download: name, hidden: true });
  beside.after(link);
  link.click();
  link.remove();
}
