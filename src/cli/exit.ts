/** What the exit code says. */
export const EXIT = {
  ok: 0,
  /** A cell failed, or the kernel did; which one is said on stderr. */
  failed: 1,
  usage: 2,
  /** The input is no notebook that can be read. */
  unreadable: 5,
  interrupted: 130,
} as const;
