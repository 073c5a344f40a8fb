import { eventually } from '../support/eventually';
import { startTestServer, type TestServer } from '../support/nats-server';
import { freePort } from '../support/ports';
import { duplicatesOf, startScenario, type Scenario } from './harness';

const TERMINATED: (number | string)[] = [0, 'SIGTERM'];

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

function begun(scenario: Scenario, worker?: string): number {
  return scenario.runs().filter((run) => run.what === 'began' && (!worker || run.worker === worker)).length;
}

describe('21: settlement - after the connection closed', () => {
  it.each([
    ['an ack', { does: 'wait' }, {}],
    ['a nak', { does: 'wait', andFail: true }, {}],
    ['a term', { does: 'wait', andFail: true }, { maxDeliver: 1, deadLetter: 'stream' }],
  ] as const)(
    '%s - logged or without effect, nothing crashes, and the message is redelivered',
    async (_, behaviour, more) => {
      const consumer = { ackWait: '1s', ...more } as const;
      const scenario = await startScenario({ servers: server.url, consumer, transport: { gracePeriod: 200 } });
      const closing = await scenario.worker({ behaviour });
      await scenario.publish(5);
      await eventually('they run', () => begun(scenario) === 5);
      await closing.close();
      closing.release();
      await eventually('they ended', () => scenario.runs().length === 10);
      await scenario.worker();
      await scenario.drained();
      const { ok, handled, dead } = await scenario.proof();
      expect(ok.size).toBe(5);
      expect(handled.size + dead.size).toBe(5);
    },
  );
});

// With an ackWait of ten minutes, only messages that were handed back are redelivered in time.
it('33: worker - SIGTERM under load - finishes, acknowledges and hands back; another continues at once, nothing runs twice', async () => {
  const scenario = await startScenario({ servers: server.url, consumer: { concurrency: 8, ackWait: '10m' } });
  const options = { behaviour: { does: 'succeed', afterMs: 50 } } as const;
  const [first] = await Promise.all([scenario.worker(options), scenario.worker(options)]);
  const publishing = scenario.publish(2_000);
  await eventually('both handle orders', () => begun(scenario, 'worker-1') > 100 && begun(scenario, 'worker-2') > 100);
  expect(TERMINATED).toContain(await first?.terminate());
  await publishing;
  await scenario.drained();
  const account = await scenario.proof();
  expect(account.handled.size).toBe(2_000);
  expect(account.runs.filter(({ what }) => what === 'began')).toHaveLength(2_000);
  expect(duplicatesOf(account)).toEqual({ redelivered: 0, forgotten: 0 });
});

describe('34: worker - SIGTERM', () => {
  it('while disconnected - stops within its grace period, and another handles the rest', async () => {
    const scenario = await startScenario({ servers: server.url, transport: { gracePeriod: 500 } });
    const worker = await scenario.worker({ behaviour: { does: 'hang' } });
    await scenario.publish(5);
    await eventually('they run', () => begun(scenario) === 5);
    await server.stop();
    await eventually('detected', async () => (await worker.health()).status === 'down');
    expect(TERMINATED).toContain(await worker.terminate());
    await server.restart();
    await scenario.worker();
    await scenario.drained();
    const { handled } = await scenario.proof();
    expect(handled.size).toBe(5);
  });

  it('twice, and while it already closes - stops once', async () => {
    const scenario = await startScenario({ servers: server.url, transport: { gracePeriod: 1_000 } });
    const worker = await scenario.worker({ behaviour: { does: 'succeed', afterMs: 300 } });
    await scenario.publish(50);
    await eventually('it handles some', () => begun(scenario) > 0);
    const ends = Promise.all([worker.close(), worker.terminate(), worker.terminate()]).catch(() => []);
    expect(TERMINATED).toContain(await worker.ended);
    await ends;
    await scenario.worker();
    await scenario.drained();
    await scenario.proof();
  });

  it('before a server ever answered - stops', async () => {
    const scenario = await startScenario({ servers: server.url });
    const unused = `nats://127.0.0.1:${await freePort()}`;
    const worker = await scenario.worker({ servers: unused });
    expect((await worker.health()).connection).toBe('connecting');
    expect(TERMINATED).toContain(await worker.terminate());
    await scenario.proof();
  });
});

it('35: worker - SIGTERM with a hung handler - stops after its grace period, and another handles the orders', async () => {
  const scenario = await startScenario({
    servers: server.url,
    consumer: { ackWait: '1s' },
    transport: { gracePeriod: 500 },
  });
  const hung = await scenario.worker({ behaviour: { does: 'hang' } });
  await scenario.publish(3);
  await eventually('they run', () => begun(scenario) === 3);
  expect(TERMINATED).toContain(await hung.terminate());
  await scenario.worker();
  await scenario.drained();
  const { handled } = await scenario.proof();
  expect(handled.size).toBe(3);
});

it('finishes all delivered orders on each of five graceful restarts with ackPolicy None', async () => {
  const scenario = await startScenario({ servers: server.url, consumer: { ackPolicy: 'None', concurrency: 4 } });
  const options = { behaviour: { does: 'succeed', afterMs: 20 } } as const;
  let worker = await scenario.worker(options);
  const publishing = scenario.publish(500, { window: 20 });
  for (let restart = 0; restart < 5; restart++) {
    const before = scenario.handled().size;
    await eventually('it handles some', () => scenario.handled().size > before + 20);
    expect(TERMINATED).toContain(await worker.terminate());
    worker = await scenario.worker(options);
  }
  await publishing;
  await scenario.drained();
  await eventually('all handled', () => scenario.handled().size === 500);
  await scenario.proof();
});
