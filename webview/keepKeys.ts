/**
 * Plain keys are commands of the notebook ("dd" deletes a cell): none may leave the element. Chords, Tab and function keys belong to the window,
 * and so does Escape unless `undo` finds something to take back and says that it has.
 */
export function keepKeys(element: HTMLElement, undo: () => boolean = () => false): void {
  element.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Tab" || /^F\d+$/.test(event.key)) return;
    if (event.key === "Escape" && !undo()) return;
    event.stopPropagation();
  });
}
