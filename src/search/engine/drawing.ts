import { around, within } from "../random/around.js";
import { normals } from "../random/normals.js";
import { uniforms } from "../random/uniforms.js";
import type { NoiseJob } from "./engine.js";

/** The state of a noise job; `pivot` is that of the job, where it has one. */
export function draw(job: NoiseJob, count: number, pivot: Float32Array | undefined): Float32Array {
  const random = normals(job.key, count);
  if (job.how === "prior") return random;
  switch (job.how) {
    case "around":
      return around(pivot!, random, job.similarity);
    case "within": {
      const { seed, path } = job.key;
      const [uniform] = uniforms({ seed, path: `${path}/distance` }, 1);
      return within(pivot!, random, job.radius * Math.sqrt(count), uniform!);
    }
    case "mix":
      return random.map((z, i) => job.keep * pivot![i]! + job.add * z);
  }
}
