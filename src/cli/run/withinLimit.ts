/** How long a cell may take to end after it was interrupted, before its kernel is killed. The kernel itself ends a cell's thread after 1.5 s. */
const GRACE = 5000;

export interface Means {
  readonly interrupt: () => void;
  readonly kill: () => void;
}

/**
 * Waits for `work`; when that takes longer than `limit` milliseconds it is interrupted, and killed if that does not help. `value` is
 * absent where the end was the kill.
 */
export async function withinLimit<T>(
  work: Promise<T>,
  limit: number,
  { interrupt, kill }: Means,
): Promise<{ readonly value?: T; readonly isLate: boolean }> {
  let isLate = false;
  const timers: NodeJS.Timeout[] = [];
  // A timer of more than 2^31 ms would fire at once.
  if (limit < 2 ** 31)
    timers.push(
      setTimeout(() => {
        isLate = true;
        interrupt();
        timers.push(setTimeout(kill, GRACE));
      }, limit),
    );
  try {
    return { value: await work, isLate };
  } catch (error) {
    if (isLate) return { isLate };
    throw error;
  } finally {
    timers.forEach(clearTimeout);
  }
}
