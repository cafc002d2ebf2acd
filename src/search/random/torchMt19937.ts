const LENGTH = 624;
const SHIFT = 397;

/**
 * Mersenne Twister (Matsumoto and Nishimura 1998) seeded as PyTorch's CPU generator: only the lower 32 bits of a seed count,
 * so that 2^32 draws what 0 draws.
 */
export class TorchMt19937 {
  private readonly state = new Uint32Array(LENGTH);
  private next = LENGTH;

  constructor(seed: number) {
    this.state[0] = seed;
    for (let i = 1; i < LENGTH; i++) {
      const last = this.state[i - 1]!;
      this.state[i] = Math.imul(1812433253, last ^ (last >>> 30)) + i;
    }
  }

  /** The next 32 bits, unsigned. */
  draw(): number {
    if (this.next >= LENGTH) this.twist();
    let y = this.state[this.next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  private twist(): void {
    const { state } = this;
    for (let i = 0; i < LENGTH; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % LENGTH]! & 0x7fffffff);
      state[i] = state[(i + SHIFT) % LENGTH]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.next = 0;
  }
}
