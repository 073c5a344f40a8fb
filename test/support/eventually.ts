import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until a condition is true. Fails with its description after a time that bounds a hang, also
 * on a loaded machine.
 */
export async function eventually(
  description: string,
  condition: () => boolean | Promise<boolean>,
  { withinMs = 2 * 60_000 } = {},
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Timed out after ${withinMs} ms waiting until ${description}`);
    await delay(10);
  }
}
