/** What the exit code says. */
export const EXIT = {
  ok: 0,
  /** A cell failed, or two things that were compared differ; which is said on stderr. */
  failed: 1,
  usage: 2,
  timeout: 3,
  /** The kernel's process ended in the middle. */
  crashed: 4,
  /** The input is no notebook that can be read. */
  unreadable: 5,
  /** 128 + the signal's number, as shells say it. */
  interrupted: 130,
  terminated: 143,
} as const;
