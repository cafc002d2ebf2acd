import { frechetOfImages, type Images, type VerifierRef } from "../../search/index.js";
import { currentExecution, type CellExecution } from "./cellExecution.js";
import type { OpenedSessions } from "./openedSessions.js";

/**
 * `frechetDistance` as a cell calls it: the number alone, while the cell is told of how many images it is, once for each number of them. The same model gets a
 * smaller distance from more images.
 */
export const frechetInCell = (sessions: OpenedSessions, tell: (sentence: string) => void) => {
  const told = new WeakMap<CellExecution, Set<string>>();
  return async (a: Images, b: Images, features?: VerifierRef): Promise<number> => {
    const { distance, images, dimension, network } = await frechetOfImages(
      sessions.of(features),
      a,
      b,
      features,
    );
    const sentence = `Fréchet distance of ${images[0]} and ${images[1]} images, in the ${dimension} dimensions of ${network}: comparable with distances of as many. imageDistances gives the kernel distance (KID) beside it.`;
    const execution = currentExecution.getStore();
    const known = (execution && told.get(execution)) ?? new Set<string>();
    if (execution) told.set(execution, known);
    if (!known.has(sentence)) tell(sentence);
    known.add(sentence);
    return distance;
  };
};
