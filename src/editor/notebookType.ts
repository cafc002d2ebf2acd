/** Must be what package.json contributes. */
export const NOTEBOOK_TYPE = "dnb";

/** VS Code remembers a notebook's choice of controller by this. */
export const CONTROLLER = "dnb";

/** Of cells. Not "typescript": VS Code's own TypeScript service would answer too, and knows nothing of the other cells. */
export const LANGUAGE = "dnb-typescript";
