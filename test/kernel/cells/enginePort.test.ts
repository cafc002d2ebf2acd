import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { EnginePort } from "../../../src/kernel/cells/enginePort.js";

const message = { type: "openVerifier", folder: "f", options: undefined, directory: "/" } as const;

describe("the way to the engine", () => {
  it("is asked for once, at the first call, and calls made before it is there go through it", async () => {
    const { port1, port2 } = new MessageChannel();
    let asked = 0;
    const engine = new EnginePort(
      () => asked++,
      () => undefined,
    );
    expect(asked).toBe(0);
    const calls = [engine.call(message), engine.call(message)];
    expect(asked).toBe(1);
    port2.on("message", ({ id }: { id: number }) => port2.postMessage({ type: "result", id, value: id }));
    engine.connect(port1);
    expect(await Promise.all(calls)).toEqual([1, 2]);
    port1.close();
  });

  it("takes a message before the caller goes on, so that the engine has work while the next one is prepared", async () => {
    const { port1, port2 } = new MessageChannel();
    const engine = new EnginePort(
      () => engine.connect(port1),
      () => undefined,
    );
    const answer = (): void => {
      const { id } = receiveMessageOnPort(port2)!.message as { id: number };
      port2.postMessage({ type: "result", id, value: "done" });
    };
    const first = engine.call(message);
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    await first;
    const second = engine.call(message);
    answer();
    expect(await second).toBe("done");
    port1.close();
  });

  it("says that the engine stopped, and asks anew at the next call", async () => {
    const ports: MessageChannel[] = [];
    const engine = new EnginePort(
      () => {
        const channel = new MessageChannel();
        ports.push(channel);
        engine.connect(channel.port1);
      },
      () => undefined,
    );
    const cut = engine.call(message);
    const said = expect(cut).rejects.toThrow(/engine stopped/u);
    await new Promise((resolve) => setImmediate(resolve));
    ports[0]!.port2.close();
    await said;
    const again = engine.call(message);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ports).toHaveLength(2);
    ports[1]!.port2.postMessage({ type: "result", id: 2, value: "back" });
    expect(await again).toBe("back");
    ports[1]!.port1.close();
  });
});
