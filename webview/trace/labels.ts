/**
 * Labels at the ends of lines: each wants its line's height, none may overlap. Neighbours that would are merged into one block and
 * spread evenly around their mean; blocks are kept inside.
 */
export function pushApart(wanted: readonly number[], height: number, top: number, bottom: number): number[] {
  const order = wanted.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y);
  interface Block {
    members: number[];
    mean: number;
  }
  const start = ({ members, mean }: Block): number =>
    Math.max(top, Math.min(bottom - members.length * height, mean - (members.length * height) / 2));
  const blocks: Block[] = [];
  for (const { y, i } of order) {
    let block: Block = { members: [i], mean: y };
    for (
      let last = blocks.at(-1);
      last && start(last) + last.members.length * height > start(block);
      last = blocks.at(-1)
    ) {
      blocks.pop();
      const count = last.members.length + block.members.length;
      const mean = (last.mean * last.members.length + block.mean * block.members.length) / count;
      block = { members: [...last.members, ...block.members], mean };
    }
    blocks.push(block);
  }
  const placed: number[] = [];
  for (const block of blocks) {
    block.members.forEach((index, k) => (placed[index] = start(block) + (k + 0.5) * height));
  }
  return placed;
}
