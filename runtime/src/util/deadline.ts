import { LONGEST_TIMER_MS } from './duration';

/**
 * The value, or `onTimeout()`'s error when it takes longer than `millis`. The promise itself goes
 * on.
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
