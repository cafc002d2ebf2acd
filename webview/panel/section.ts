import { h } from "../dom.js";

/** A part of the panel, with its name above. */
export function section(name: string, className: string, ...children: readonly HTMLElement[]): HTMLElement {
  return h(
    "section",
    { class: className, "aria-label": name },
    h("h4", { class: "section-name" }, name),
    ...children,
  );
}
