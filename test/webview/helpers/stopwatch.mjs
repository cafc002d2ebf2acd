// How long the views take, in a page where the renderer has started: milliseconds and shares of a core.

/**
 * The first pictures, and the median frames of a reader who drags a zoomed tree and of one who runs over it.
 * @param {import("playwright-core").Page} page
 * @param {unknown} output as it is saved
 * @returns {Promise<{ first: number, branches: number, panning: number, hovering: number, slowest: number }>} milliseconds; slowest: of
 *   the frames while panning, the 95th percentile
 */
export function looked(page, output) {
  return page.evaluate(async (text) => {
    const element = document.querySelector("#output");
    const { performance } = globalThis;
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    // What a frame does is on the screen when the task after it runs.
    const painted = () =>
      frame().then(
        () =>
          new Promise((done) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => done();
            port2.postMessage(undefined);
          }),
      );
    const since = async (work) => {
      const started = performance.now();
      work();
      await painted();
      return performance.now() - started;
    };
    const first = await since(() =>
      globalThis.renderer.renderOutputItem(
        { id: "1", json: () => JSON.parse(text) },
        element,
        new AbortController().signal,
      ),
    );
    const root = element.firstElementChild.shadowRoot;
    const branches = await since(() => root.querySelector("[data-view=branches]").click());
    await since(() => root.querySelector("[data-view=tree]").click());
    const tree = root.querySelector(".tree");
    const { left, top, width, height } = tree.getBoundingClientRect();
    const at = (share) => ({ clientX: left + share * width, clientY: top + height / 2, bubbles: true });
    const pointer = (type, share, more) =>
      tree.dispatchEvent(new PointerEvent(type, { ...at(share), pointerId: 1, ...more }));
    const frames = async (count, act) => {
      const spans = [];
      await painted();
      let before = await frame();
      for (let i = 0; i < count; i++) {
        act(i / count);
        const now = await frame();
        spans.push(now - before);
        before = now;
      }
      return spans.sort((a, b) => a - b);
    };
    const hovering = await frames(60, (share) => pointer("pointermove", 0.1 + 0.8 * share));
    for (let i = 0; i < 4; i++) {
      tree.dispatchEvent(
        new WheelEvent("wheel", { ...at(0.5), deltaY: -100, ctrlKey: true, cancelable: true }),
      );
      await painted();
    }
    pointer("pointerdown", 0.8, { button: 0, buttons: 1 });
    const before = root.querySelector(".tree canvas").toDataURL();
    const panning = await frames(60, (share) => pointer("pointermove", 0.8 - 0.6 * share, { buttons: 1 }));
    pointer("pointerup", 0.2);
    if (root.querySelector(".tree canvas").toDataURL() === before)
      throw new Error("Dragging did not move the tree.");
    const middle = (spans) => spans[spans.length >> 1];
    return { first, branches, panning: middle(panning), hovering: middle(hovering), slowest: panning[57] };
  }, JSON.stringify(output));
}

/**
 * Share of a core, in percent, that the page's main thread takes while ten deltas a second bring ten candidates each, for five seconds after
 * five that are not counted.
 * @param {import("playwright-core").Page} page
 * @param {import("../../../src/search/record.js").SearchOutput} whole of 100 rounds of ten candidates or more
 */
export async function followed(page, whole) {
  const { candidates, rounds, spent, notices } = whole.record;
  const empty = { ...whole.record, state: "running", candidates: [], rounds: [], best: undefined };
  const start = { record: empty, atlas: [] };
  const session = await page.context().newCDPSession(page);
  // Processor time: what else the machine does must not count.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value;
  };
  await page.evaluate((output) => {
    globalThis.renderer.renderOutputItem(
      { id: "1", json: () => output },
      document.querySelector("#output"),
      new AbortController().signal,
    );
    globalThis.receive({ type: "snapshot", output, sequence: 0, status: { milliseconds: 0, live: true } });
  }, start);
  const began = performance.now();
  let from;
  for (let i = 1; i <= 100; i++) {
    if (i === 51) from = [await busy(), performance.now()];
    const delta = {
      ...{ run: whole.record.id, sequence: i, atlas: [], status: { milliseconds: 100 * i, live: true } },
      head: { state: "running", best: rounds[i - 1].best, spent, notices },
      candidates: candidates.filter(({ round }) => round === i),
      rounds: [rounds[i - 1]],
    };
    await page.evaluate((delta) => globalThis.receive({ type: "delta", delta }), delta);
    const due = began + 100 * i - performance.now();
    if (due > 0) await new Promise((done) => setTimeout(done, due));
  }
  const [work, at] = from;
  return (100 * ((await busy()) - work)) / ((performance.now() - at) / 1000);
}
