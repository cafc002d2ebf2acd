import { around, within } from "../random/around.js";
import { normals } from "../random/normals.js";
import { torchDraw } from "../random/torchDraws.js";
import { uniforms } from "../random/uniforms.js";
import type { NoiseJob } from "./engine.js";

/** The state of a noise job, of this shape; `pivot` is that of the job, where it has one. */
export function draw(job: NoiseJob, shape: readonly number[], pivot: Float32Array | undefined): Float32Array {
  const { seed, path, torch } = job.key;
  const count = shape.reduce((product, side) => product * side, 1);
  const random = torch ? torchDraw({ seed, shape, ...torch }, 0).slice() : normals(job.key, count);
  if (job.how === "prior") return random;
  switch (job.how) {
    case "around":
      return around(pivot!, random, job.similarity);
    case "within": {
      const [uniform] = uniforms({ seed, path: `${path}/distance` }, 1);
      return within(pivot!, random, job.radius * Math.sqrt(count), uniform!);
    }
    case "mix":
      return random.map((z, i) => job.keep * pivot![i]! + job.add * z);
  }
}
