import { h } from "./dom.js";

/** The clipboard interface is absent in some webviews: then a selected text and the old command. */
export function copyText(text: string, near: HTMLElement): void {
  const old = (): void => {
    const field = h("textarea", { class: "unseen", "aria-hidden": "true", tabindex: -1 });
    field.value = text;
    near.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  };
  if (navigator.clipboard === undefined) old();
  else navigator.clipboard.writeText(text).catch(old);
}
