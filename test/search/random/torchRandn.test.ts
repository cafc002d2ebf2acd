import { expect, test } from "vitest";
import golden from "../../fixtures/schedulers/torch-randn-cpu.json" with { type: "json" };
import { TorchCpuGenerator } from "../../../src/search/random/torchCpuGenerator.js";
import { TorchCudaGenerator } from "../../../src/search/random/torchCudaGenerator.js";
import { torchRandn } from "../../../src/search/random/torchRandn.js";

function expectClose(values: ArrayLike<number>, expected: readonly number[], tolerance = 3e-7): void {
  expect(values.length).toBe(expected.length);
  expected.forEach((value, i) => expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(tolerance));
}

test.each(Object.entries(golden as Record<string, Record<string, any>>))(
  "PyTorch's CPU generator, seed %s: every length, type and order of calls",
  (seed, draws) => {
    const fresh = () => new TorchCpuGenerator(BigInt(seed));
    for (const [name, expected] of Object.entries(draws)) {
      const [, kind, length] = /^(randn|rand|randn_f64)_(\d+)$/.exec(name) ?? [];
      if (kind === "randn") expectClose(torchRandn(BigInt(seed), [Number(length)]), expected);
      if (kind === "rand") expectClose(fresh().rand([Number(length)]), expected);
      if (kind === "randn_f64") expectClose(fresh().randn64([Number(length)]), expected, 1e-12);
    }
    // The second of a pair waits while a long tensor is drawn.
    const generator = fresh();
    const mixed = [3, 16, 2].flatMap((count) => [...generator.randn([count])]);
    expectClose(mixed, draws["seq_3_16_2"]);
    expect(fresh().randint(1000, 8)).toEqual(draws["randint_8_1000"]);
    expect(fresh().randperm(10)).toEqual(draws["randperm_10"]);
    expectClose(fresh().randn16([16]), draws["randn_f16_16"]);
    const latent = torchRandn(BigInt(seed), [1, 4, 64, 64]);
    expectClose(latent.slice(0, 8), draws["latent_1_4_64_64"].first8);
    expectClose(latent.slice(-4), draws["latent_1_4_64_64"].last4);
    const sum = latent.reduce((a, b) => a + b, 0);
    expect(Math.abs(sum - draws["latent_1_4_64_64"].sum)).toBeLessThan(1e-3);
    const batch = torchRandn(BigInt(seed), [3, 3, 8, 8]);
    expectClose(batch.slice(0, 4), draws["batch_3_3_8_8"].first4);
    expectClose(batch.slice(-4), draws["batch_3_3_8_8"].last4);
  },
);

test("only the lower 32 bits of a seed count on the CPU, all 64 on CUDA", () => {
  expect(torchRandn(2 ** 32, [16])).toEqual(torchRandn(0, [16]));
  expect(torchRandn(2n ** 64n - 1n, [4])).toEqual(torchRandn(2 ** 32 - 1, [4]));
  expect(torchRandn(2 ** 32, [16], "cuda")).not.toEqual(torchRandn(0, [16], "cuda"));
});

test("CUDA: the docstring of A1111's rng_philox, seed 0", () => {
  expectClose(
    torchRandn(0, [3, 4], "cuda"),
    [
      -0.92466259, -0.42534415, -2.6438457, 0.14518388, -0.12086647, -0.57972564, -0.62285122, -0.32838709,
      -1.07454231, -0.36314407, -1.67105067, 2.26550497,
    ],
    3e-7,
  );
});

test("CUDA: pytorch issue 79496, seed 10", () => {
  expectClose(torchRandn(10, [3], "cuda"), [-0.1029, 1.681, -0.2708], 5e-5);
});

test("CUDA: pytorch issue 158398, seed 42, shape 1 x 64 x 2048 on an A100", () => {
  const values = torchRandn(42, [1, 64, 2048], "cuda", "A100");
  const row = (i: number) => [...values.slice(i * 2048, (i + 1) * 2048)];
  expectClose(
    [...row(0).slice(0, 3), ...row(0).slice(-3)],
    [0.194, 2.1614, -0.1721, 1.454, -2.7733, -0.8932],
    5e-5,
  );
  expectClose([...row(1).slice(0, 3), ...row(1).slice(-1)], [-0.4574, 0.8063, 0.158, -1.2535], 5e-5);
  expectClose(row(2).slice(0, 3), [1.1346, -0.6329, -0.9147], 5e-5);
});

test("CUDA: pytorch issue 97097, 100,000 values are more than an RTX A4000 has threads, and depend on the GPU", () => {
  const last = (gpu: Parameters<typeof torchRandn>[3]) =>
    [...torchRandn(14, [1000, 100], "cuda", gpu).slice(-100)].map((value) => 5 + Math.sqrt(5) * value);
  const a4000 = last({ multiprocessors: 48, threadsPerMultiprocessor: 1536 });
  expectClose(
    [...a4000.slice(0, 3), ...a4000.slice(-3)],
    [2.7337, 2.2106, 7.7815, 8.2207, 6.5395, 4.2604],
    1e-4,
  );
  expect(last("A4000")).toEqual(a4000);
  const other = last("RTX 2070 Super");
  expectClose([...other.slice(0, 3), ...other.slice(-1)], [3.0485, 5.1392, 0.5328, 3.4167], 1e-4);
});

test("CUDA: a generator goes on after its first draw, and the layout without a GPU is that of a thread per value", () => {
  const generator = new TorchCudaGenerator(3);
  const first = generator.randn([5]);
  expect(first).toEqual(torchRandn(3, [5], "cuda"));
  expect(generator.randn([5])).not.toEqual(first);
  expect(torchRandn(3, [65536], "cuda")).toEqual(torchRandn(3, [65536], "cuda", "H100"));
});

test.each([
  [-1, "must be a whole number from 0 to 2^64 - 1"],
  [NaN, "seed is NaN"],
  [1.5, "seed is 1.5"],
  [2n ** 64n, "seed is 18446744073709551616"],
  [-1n, "seed is -1"],
  [2 ** 60, "Write it as a bigint: 1152921504606846976n"],
  ["7", 'seed is "7"'],
])("the seed %s is refused with a sentence", (seed, message) => {
  expect(() => torchRandn(seed as number, [4])).toThrow(message);
  expect(() => torchRandn(seed as number, [4], "cuda")).toThrow(message);
});

test.each([
  [() => torchRandn(0, [4], "tpu" as "cpu"), 'device "tpu" does not exist. There is: cpu, cuda.'],
  [() => torchRandn(0, [-1]), "The shape has a dimension of -1"],
  [() => torchRandn(0, [2.5]), "The shape has a dimension of 2.5"],
  [() => torchRandn(0, 4 as unknown as number[]), "The shape is 4"],
  [() => torchRandn(0, [1e6, 1e6]), "more than fit into memory"],
  [() => torchRandn(0, [4], "cuda", "RTX 9000" as "H100"), 'GPU "RTX 9000" does not exist'],
  [
    () => torchRandn(0, [4], "cuda", { multiprocessors: 0, threadsPerMultiprocessor: 1024 }),
    "multiprocessors is 0",
  ],
])("bad input is refused: %#", (draw, message) => {
  expect(draw).toThrow(message);
});
