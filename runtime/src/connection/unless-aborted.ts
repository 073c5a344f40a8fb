/** The promise, or `onAbort()`'s error once the signal is aborted. The promise itself goes on. */
export async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>, onAbort: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(onAbort());
    signal.addEventListener('abort', () => reject(onAbort()), { once: true });
    promise.then(resolve, reject);
  });
}
