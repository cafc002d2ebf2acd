import type { NotebookId } from "../protocol.js";
import type { Client } from "./client.js";

/** Whose each notebook is: at most one client runs its cells and hears of them. A client that leaves gives back what it had. */
export class Leases {
  readonly #holders = new Map<NotebookId, Client>();

  holder(notebook: NotebookId): Client | undefined {
    return this.#holders.get(notebook);
  }

  /** True when another client has it and nobody said to take it from there. */
  isTaken(notebook: NotebookId, client: Client): boolean {
    const holder = this.#holders.get(notebook);
    return holder !== undefined && holder !== client;
  }

  /** The client that has lost it by this. */
  give(notebook: NotebookId, client: Client): Client | undefined {
    const before = this.#holders.get(notebook);
    this.#holders.set(notebook, client);
    return before === client ? undefined : before;
  }

  end(notebook: NotebookId): void {
    this.#holders.delete(notebook);
  }

  leave(client: Client): void {
    for (const [notebook, holder] of this.#holders) if (holder === client) this.#holders.delete(notebook);
  }
}
