import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';
import { overlappingRuns, startScenario } from './harness';

let url: string;
beforeEach(async () => {
  ({ url } = await startTestServer());
});

// Scaled: a handler of 5 s with an ackWait of 1 s.
it('17: handler - slower than ackWait - runs never overlap, and each order is delivered once', async () => {
  const scenario = await startScenario({ servers: url, consumer: { ackWait: '1s', concurrency: 2 } });
  const slow = { behaviour: { does: 'succeed', afterMs: 5_000 } } as const;
  await Promise.all([scenario.worker(slow), scenario.worker(slow)]);
  await scenario.publish(8);
  await scenario.drained();
  const account = await scenario.proof();
  expect(overlappingRuns(account)).toEqual([]);
  expect(account.runs.filter(({ delivery }) => delivery > 1)).toEqual([]);
});

it('18: handler - a backlog of 20 s with an ackWait of 1 s - each order is delivered once', async () => {
  const scenario = await startScenario({ servers: url, consumer: { ackWait: '1s', concurrency: 1, prefetch: 100 } });
  await scenario.worker({ behaviour: { does: 'succeed', afterMs: 200 } });
  await scenario.publish(100);
  await scenario.drained();
  const { runs } = await scenario.proof();
  expect(runs.filter(({ delivery }) => delivery > 1)).toEqual([]);
  expect(runs).toHaveLength(200);
});

// Scaled: blocked for 3 s with an ackWait of 1 s. A blocked process cannot extend the ack deadline.
it('runs an order once in a process whose event loop is blocked for longer than ackWait', async () => {
  const scenario = await startScenario({ servers: url, consumer: { ackWait: '1s', concurrency: 1 } });
  // Redeliveries of the waiting orders are read in the delay before each block.
  await scenario.worker({ behaviour: { does: 'block', ms: 3_000, afterMs: 50 } });
  await scenario.publish(3);
  await scenario.drained();
  const { runs, handled } = await scenario.proof();
  expect(handled.size).toBe(3);
  expect(runs.filter(({ what }) => what === 'began')).toHaveLength(3);
});

// Scaled: blocked for 5 s with an ackWait of 1 s.
it('19: handler - blocks the event loop for five times ackWait - the process continues, and nothing is lost', async () => {
  const scenario = await startScenario({ servers: url, consumer: { ackWait: '1s', concurrency: 4 } });
  const blocking = await scenario.worker({ behaviour: { does: 'block', ms: 5_000, every: 20 } });
  await scenario.publish(40);
  await eventually('it blocks', () => scenario.runs().length > 0);
  await scenario.worker();
  await scenario.drained();
  await eventually('up', async () => (await blocking.health()).status === 'up');
  await scenario.proof();
});
