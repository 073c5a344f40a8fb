/**
 * Returns the result of a promise, or rejects with `onAbort()` when the signal is aborted. Does not
 * cancel the promise.
 */
export async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>, onAbort: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(onAbort());
    signal.addEventListener('abort', () => reject(onAbort()), { once: true });
    promise.then(resolve, reject);
  });
}
