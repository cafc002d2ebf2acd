// The pictures of `emoji`'s training set, which are not in the repository: `DNB_TRAINING_DIR` names the folder where training/ made them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SIZE = 3 * 32 * 32;

/** RGB bytes of the pictures of the things that the model knows, by role; nothing without the folder. */
export function trainingPictures(folder) {
  if (!folder || !existsSync(join(folder, "emoji/index.json"))) return undefined;
  const json = (name) => JSON.parse(readFileSync(join(folder, "emoji", name), "utf8"));
  const bytes = readFileSync(join(folder, "emoji/emoji32.u8"));
  const { images, concepts } = json("index.json");
  const { role } = json("split.json");
  const known = new Set(JSON.parse(readFileSync("media/models/emoji/model.json", "utf8")).labels);
  const found = { seen: [], held: [] };
  images.forEach(([concept], k) => {
    if (!known.has(concepts[concept].label)) return;
    found[role[k] === "held" ? "held" : "seen"].push(bytes.subarray(SIZE * k, SIZE * (k + 1)));
  });
  return found;
}

/** The least root mean square difference of a picture from any of `others`, in 1/255 of the range. */
export function nearest(picture, others) {
  let least = Infinity;
  for (const other of others) {
    let sum = 0;
    for (let i = 0; i < SIZE && sum < least; i++) sum += (picture[i] - other[i]) ** 2;
    if (sum < least) least = sum;
  }
  return Math.sqrt(least / SIZE);
}
