import { setTimeout as delay } from 'node:timers/promises';
import type { Behaviour } from '../behaviour';

/** Applies the behaviour that the test set to one order. */
export async function behave(
  behaviour: Behaviour,
  { id, attempt }: { readonly id: number; readonly attempt: number },
  released: Promise<void>,
): Promise<void> {
  if (id % (behaviour.every ?? 1) !== 0 || id > (behaviour.upTo ?? Infinity)) return;
  if ('afterMs' in behaviour) await delay(behaviour.afterMs);
  switch (behaviour.does) {
    case 'succeed':
      return;
    case 'fail':
      if (attempt <= (behaviour.times ?? Infinity)) throw new Error(`order ${id}, attempt ${attempt}`);
      return;
    case 'kill':
      if (attempt <= (behaviour.times ?? Infinity)) process.kill(process.pid, 'SIGKILL');
      return;
    case 'exit':
      if (attempt <= (behaviour.times ?? Infinity)) process.exit(behaviour.code);
      return;
    case 'block':
      return block(behaviour.ms);
    case 'wait':
      await released;
      if (behaviour.andFail) throw new Error(`order ${id}, after it waited`);
      return;
    case 'hang':
      return new Promise(() => undefined);
    case 'mix': {
      const chosen = behaviour.of.find(({ every = 1 }) => id % every === 0);
      if (chosen) await behave(chosen, { id, attempt }, released);
    }
  }
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
