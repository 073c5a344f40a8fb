import { LONGEST_TIMER_MS } from './duration';

/**
 * Resolves as the promise, or rejects with the error of `onTimeout` after `millis`. The promise
 * itself is not cancelled.
 */
export async function withDeadline<T>(promise: Promise<T>, millis: number, onTimeout: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(onTimeout()), Math.min(millis, LONGEST_TIMER_MS));
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
