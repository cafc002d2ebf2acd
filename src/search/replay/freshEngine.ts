import type { DenoiseJob, Engine, NamedImage, NoiseJob, ScoreJob, TensorId } from "../engine/engine.js";

/** The same engine as if its cache were empty: every tensor has a name of its own, so that everything is computed again. */
export function freshEngine(engine: Engine, salt: string): Engine {
  const own = (id: TensorId): TensorId => `${id}+${salt}`;
  const made = <J extends { readonly id: TensorId; readonly from: TensorId }>(job: J): J => ({
    ...job,
    id: own(job.id),
    from: own(job.from),
  });
  const denoised = (job: DenoiseJob): DenoiseJob => {
    const noise = job.stochastic?.noise;
    const { keeps } = job;
    const fresh = {
      ...made(job),
      ...(keeps ? { keeps: keeps.map((one) => ({ ...one, id: own(one.id) })) } : {}),
    };
    return noise === undefined
      ? fresh
      : { ...fresh, stochastic: { ...fresh.stochastic!, noise: own(noise) } };
  };
  const drawn = (job: NoiseJob): NoiseJob =>
    job.how === "prior" ? { ...job, id: own(job.id) } : { ...job, id: own(job.id), pivot: own(job.pivot) };
  const scored = (job: ScoreJob): ScoreJob => ({
    ...job,
    image: own(job.image),
    ...(job.reference === undefined ? {} : { reference: own(job.reference) }),
  });
  const brought = ({ id, image }: NamedImage): NamedImage => ({ id: own(id), image });
  return {
    model: engine.model,
    device: engine.device,
    ...(engine.host ? { host: engine.host } : {}),
    salt,
    noise: (jobs) => engine.noise(jobs.map(drawn)),
    denoise: (jobs, signal) => engine.denoise(jobs.map(denoised), signal),
    decode: (jobs, signal) => engine.decode(jobs.map(made), signal),
    score: (jobs, signal, images) => engine.score(jobs.map(scored), signal, images?.map(brought)),
    features: (verifier, images) => engine.features(verifier, images.map(own)),
    remarks: (condition) => engine.remarks(condition),
    read: (id) => engine.read(own(id)),
    image: (id) => engine.image(own(id)),
    put: (images) => engine.put(images.map(brought)),
    dispose: () => Promise.resolve(),
  };
}
