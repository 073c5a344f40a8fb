import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';
import { order } from '../support/orders';
import { DURABLE, STREAM, startScenario, type WorkerProcess } from './harness';

const PAUSES_MS = [200, 400, 800];
const JITTER = 0.2;
/** The server times the delay, and its clock may be slightly ahead. */
const TOLERANCE_MS = 20;

let url: string;
beforeEach(async () => {
  ({ url } = await startTestServer());
});

async function handlerLine(worker: WorkerProcess): Promise<string> {
  const { status, consumers } = await worker.health();
  return [status, ...Object.values(consumers)].join();
}

// Scaled: retry delays of 200, 400 and 800 ms.
it('14: handler - always throws - exactly maxDeliver attempts with retryDelay between them, then a complete dead letter', async () => {
  const consumer = { maxDeliver: PAUSES_MS.length + 1, retryDelay: PAUSES_MS };
  const scenario = await startScenario({ servers: url, consumer });
  await scenario.worker({ behaviour: { does: 'fail' } });
  await scenario.publish(5, { options: { headers: { trace: 'abc' } } });
  await eventually('all dead-lettered', async () => (await scenario.account()).dead.size === 5);
  await scenario.drained();
  const { runs, handled } = await scenario.proof();
  expect(handled.size).toBe(0);
  for (const id of [1, 2, 3, 4, 5]) {
    const began = runs.filter((run) => run.id === id && run.what === 'began');
    expect(began.map(({ delivery }) => delivery)).toEqual([1, 2, 3, 4]);
    for (const [at, pauseMs] of PAUSES_MS.entries()) {
      const pausedMs = (began[at + 1]?.at ?? 0) - (began[at]?.at ?? 0);
      expect(pausedMs).toBeGreaterThan(pauseMs * (1 - JITTER) - TOLERANCE_MS);
    }
  }
  const deadLetters = await deadLettersOf(scenario.observer, STREAM);
  for (const { data, header } of deadLetters) {
    const { id }: { id: number } = JSON.parse(new TextDecoder().decode(data));
    expect(new TextDecoder().decode(data)).toBe(JSON.stringify(order(id)));
    expect(Object.fromEntries(header.keys().map((key) => [key, header.get(key)]))).toMatchObject({
      trace: 'abc',
      'Dead-Letter-Stream': STREAM,
      'Dead-Letter-Consumer': DURABLE,
      'Dead-Letter-Subject': 'order.created',
      'Dead-Letter-Sequence': String(scenario.publisher.ok.get(id)),
      'Dead-Letter-Deliveries': '4',
      'Dead-Letter-Message-Id': `order-${id}`,
      'Dead-Letter-Stored-At': expect.stringMatching(/^\d{4}-/),
      'Dead-Letter-Reason': `order ${id}, attempt 4`,
      'Dead-Letter-Stack': expect.stringContaining('behave'),
    });
  }
});

it('38: consumer - maxAckPending reached - health reports it, and it continues with the first acks', async () => {
  const scenario = await startScenario({ servers: url, consumer: { maxAckPending: 10 } });
  const worker = await scenario.worker({ behaviour: { does: 'wait' } });
  await scenario.publish(50);
  const { consumers } = scenario.observer.manager;
  await eventually('full', async () => (await consumers.info(STREAM, DURABLE)).num_ack_pending === 10);
  const full = 'degraded,running; 10 messages are unacknowledged, which is maxAckPending';
  await eventually('reported', async () => (await handlerLine(worker)) === full);
  expect(scenario.runs()).toHaveLength(10);
  worker.release();
  await eventually('recovered', async () => (await handlerLine(worker)) === 'up,running');
  await scenario.drained();
  const { handled } = await scenario.proof();
  expect(handled.size).toBe(50);
});

// The default retry delays.
it('handles 100 orders while 1,500 failed ones wait for their retries', async () => {
  const scenario = await startScenario({ servers: url, consumer: { retryDelay: ['1s', '5s', '30s', '2m'] } });
  await scenario.worker({ behaviour: { does: 'fail', upTo: 1_500 } });
  await scenario.publish(1_500);
  await eventually('they failed', () => new Set(scenario.runs().map(({ id }) => id)).size >= 1_000);
  await scenario.publish(100);
  await eventually('the later ones are handled', () => scenario.handled().size === 100);
  await scenario.proof();
});
