/** The promise, or a rejection with the signal's reason as soon as it is aborted; `onAbort` then tells the work, which ends by itself. */
export function abortable<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  onAbort: () => void,
): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      onAbort();
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
    const ended = (): void => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort, { once: true });
    work.finally(ended).then(resolve, reject);
    if (signal.aborted) abort();
  });
}
