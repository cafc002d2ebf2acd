import { flag, oneOf, plainObject, realNumber, shown, wholeNumber } from "../../check.js";
import { InputError } from "../../inputError.js";
import { isKeyName } from "./keyName.js";

export interface EndpointOptions {
  /** In tables and records; by default the host and path of the address. */
  readonly name?: string;
  readonly direction?: "higher" | "lower";
  readonly needsCondition?: boolean;
  /** Seconds that one request may take, to the millisecond; default 30. */
  readonly timeout?: number;
  /** How often a request that failed is made again; default 3. */
  readonly retries?: number;
  /** Seconds before the first repetition, twice as long before each further one; default 0.5. A longer `Retry-After` is kept to, up to `timeout`. */
  readonly backoff?: number;
  /** Requests of this verifier that are under way at once, whoever asks for them; default 2. */
  readonly parallel?: number;
  /** Images in one request; default 8. */
  readonly batch?: number;
  /** Name under which the key is kept: in VS Code's secret storage, or as an environment variable. Sent as `Authorization: Bearer …`. */
  readonly key?: string;
  /** What happens to candidates that got no score: the search pauses to ask again ("pause"), or goes on without them ("fail"). */
  readonly unanswered?: "pause" | "fail";
}

/** Checked and complete. */
export interface EndpointSettings extends Required<Omit<EndpointOptions, "key">> {
  readonly url: URL;
  readonly key: string | undefined;
}

/** What a timer holds: 2^31 - 1 milliseconds. A longer wait would end at once. */
export const MOST_SECONDS = 2_147_483;

const KEYS = [
  "name",
  "direction",
  "needsCondition",
  "timeout",
  "retries",
  "backoff",
  "parallel",
  "batch",
  "key",
  "unanswered",
] as const;

export function parseEndpoint(address: unknown, options: unknown): EndpointSettings {
  const url = parseAddress(address);
  const given = plainObject(options, "Options of an endpoint", KEYS);
  const name = given["name"] ?? `${url.host}${url.pathname === "/" ? "" : url.pathname}`;
  if (typeof name !== "string" || name === "") {
    throw new InputError(`The name of an endpoint is ${shown(name)}, but must be a text that is not empty.`);
  }
  const key = given["key"];
  if (key !== undefined && (typeof key !== "string" || !isKeyName(key))) {
    // Not shown: somebody may have given the key itself.
    throw new InputError(
      `Endpoint ${name}: key must be the name under which the key is kept, e.g. "JUDGE_KEY", not the key itself.`,
    );
  }
  if (key !== undefined && url.protocol === "http:" && !isLocal(url)) {
    throw new InputError(
      `Endpoint ${name} would send its key in the clear to ${url.host}. Take an https address, or leave the key out.`,
    );
  }
  return {
    url,
    name,
    key,
    direction: oneOf(given["direction"] ?? "higher", `Endpoint ${name}: direction`, ["higher", "lower"]),
    needsCondition: flag(given["needsCondition"] ?? false, `Endpoint ${name}: needsCondition`),
    timeout: realNumber(given["timeout"] ?? 30, `Endpoint ${name}: timeout`, 0.001, MOST_SECONDS),
    retries: wholeNumber(given["retries"] ?? 3, `Endpoint ${name}: retries`, 0, 100),
    backoff: realNumber(given["backoff"] ?? 0.5, `Endpoint ${name}: backoff`, 0, 3600),
    parallel: wholeNumber(given["parallel"] ?? 2, `Endpoint ${name}: parallel`, 1, 64),
    batch: wholeNumber(given["batch"] ?? 8, `Endpoint ${name}: batch`, 1, 1024),
    unanswered: oneOf(given["unanswered"] ?? "pause", `Endpoint ${name}: unanswered`, ["pause", "fail"]),
  };
}

function parseAddress(address: unknown): URL {
  if (typeof address !== "string" || !URL.canParse(address)) {
    throw new InputError(
      `endpoint needs an address like "http://localhost:8000/score", but got ${shown(address)}.`,
    );
  }
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new InputError(
      `endpoint speaks http and https, but ${url.host || "the address"} is given with ${url.protocol}`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new InputError(
      `The address of ${url.host} has a user or password in it, which the notebook would keep. Give a key by its name: endpoint(url, { key: "JUDGE_KEY" }).`,
    );
  }
  return url;
}

function isLocal({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname);
}
