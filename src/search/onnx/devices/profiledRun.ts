import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, type Tensor } from "onnxruntime-node";
import { messageOf } from "../../check.js";
import { InputError } from "../../inputError.js";
import { sessionOptions, type Place } from "./device.js";
import { DeviceFailure, reasonOf } from "./deviceFailure.js";
import { parseProfile, type Placement } from "./placement.js";

export type Feeds = Readonly<Record<string, Tensor>>;

/** A graph's bytes, or the path of one that has data beside it: the runtime maps those files instead of copying them. */
export type GraphSource = Uint8Array | string;

const TEMPORARY = process.platform === "win32" ? "TEMP" : "TMPDIR";

/** Loads a graph at one place. Throws a `DeviceFailure`. */
export async function createSession(source: GraphSource, place: Place): Promise<InferenceSession> {
  return create(source, sessionOptions(place));
}

/**
 * The same, and runs it once with `feeds` under the runtime's profiler: what really ran where. The profiler is off afterwards, and the
 * session is warm. `check` sees the session before it is run, and may refuse it.
 */
export async function createProfiled(
  source: GraphSource,
  place: Place,
  feeds: Feeds | ((session: InferenceSession) => Feeds),
  check: (session: InferenceSession) => void = () => undefined,
): Promise<{ readonly session: InferenceSession; readonly placement: Placement }> {
  const folder = await mkdtemp(join(tmpdir(), "dnb-profile-")).catch((error: unknown) => {
    throw new InputError(
      `The runtime writes what ran where into the folder for temporary files ${tmpdir()}, which cannot be written to: ${messageOf(error)}. Set ${TEMPORARY} to one that can, and start the kernel again.`,
    );
  });
  try {
    const options = { enableProfiling: true, profileFilePrefix: join(folder, "run") };
    const session = await create(source, { ...sessionOptions(place), ...options });
    try {
      check(session);
      await runOnce(session, typeof feeds === "function" ? feeds(session) : feeds);
      session.endProfiling();
      const [file] = await readdir(folder);
      if (file === undefined) throw new DeviceFailure("the runtime wrote no profile");
      return { session, placement: parseProfile(await readFile(join(folder, file), "utf8"), place.device) };
    } catch (error) {
      await session.release();
      throw error;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function create(
  source: GraphSource,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  try {
    return typeof source === "string"
      ? await InferenceSession.create(source, options)
      : await InferenceSession.create(source, options);
  } catch (error) {
    throw new DeviceFailure(reasonOf(messageOf(error)));
  }
}

async function runOnce(session: InferenceSession, feeds: Feeds): Promise<void> {
  try {
    const outputs = await session.run({ ...feeds });
    for (const tensor of Object.values(outputs)) if (tensor.location === "gpu-buffer") tensor.dispose();
  } catch (error) {
    throw new DeviceFailure(reasonOf(messageOf(error)));
  }
}
