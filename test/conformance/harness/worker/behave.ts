import { setTimeout as delay } from 'node:timers/promises';
import type { Behaviour } from '../behaviour';

/** Does with one order what the test told the worker to do. */
export async function behave(
  behaviour: Behaviour,
  { id, delivery }: { readonly id: number; readonly delivery: number },
  released: Promise<void>,
): Promise<void> {
  if (id % (behaviour.every ?? 1) !== 0) return;
  if ('afterMs' in behaviour) await delay(behaviour.afterMs);
  switch (behaviour.does) {
    case 'succeed':
      return;
    case 'fail':
      if (delivery <= (behaviour.times ?? Infinity)) throw new Error(`order ${id}, delivery ${delivery}`);
      return;
    case 'kill':
      if (delivery <= (behaviour.times ?? Infinity)) process.kill(process.pid, 'SIGKILL');
      return;
    case 'block':
      return block(behaviour.ms);
    case 'wait':
      return released;
    case 'hang':
      return new Promise(() => undefined);
  }
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
