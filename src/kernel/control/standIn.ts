import { MIME, type KernelEvent } from "../protocol.js";

/** What is sent in place of an event that no frame can hold, so that whoever waits for it hears why. */
export function standIn(event: KernelEvent, reason: string): KernelEvent {
  switch (event.type) {
    case "reply": {
      const message = `The kernel's answer could not be sent: ${reason}.`;
      return { type: "reply", id: event.id, ok: false, error: { name: "KernelError", message } };
    }
    case "display":
    case "update":
      return { ...event, items: [{ mime: MIME.plain, text: `[not shown: ${reason}]` }] };
    default:
      return {
        type: "log",
        level: "error",
        text: `An event of the kind “${event.type}” could not be sent: ${reason}.`,
      };
  }
}
