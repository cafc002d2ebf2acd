import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { decodePicture } from "../../../src/search/files/decodePicture.js";

export interface Asked {
  readonly images: readonly string[];
  readonly condition: unknown;
  readonly headers: IncomingHttpHeaders;
}
export type Answer = (response: ServerResponse, asked: Asked, requests: number) => unknown;

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A real server on this machine until the test ends, and what it was asked. */
export async function serve(answer: Answer): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(parts).toString()) as Asked;
      const one = { images: body.images, condition: body.condition, headers: request.headers };
      asked.push(one);
      void answer(response, one, asked.length);
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/score`, asked };
}

export const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
};

/** Mean of the 8-bit values of a PNG in base64. */
export const brightnessOf = async (png: string): Promise<number> => {
  const { data } = await decodePicture(new Uint8Array(Buffer.from(png, "base64")), "x");
  return data.reduce((sum, value) => sum + value, 0) / data.length;
};

export const judging: Answer = async (response, { images }) =>
  json(response, { scores: await Promise.all(images.map(brightnessOf)) });
