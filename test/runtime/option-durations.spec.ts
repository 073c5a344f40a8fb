import { Controller } from '@nestjs/common';
import { JetStreamConsumer, type JetStreamConsumerOptions } from '@nest-jetstream/transport';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp, type TestAppOptions } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream } from '../support/orders';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});

async function linesOf(options: object, more: TestAppOptions = {}): Promise<string> {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', ...(options as JetStreamConsumerOptions) })
    handle(): void {}
  }
  const { logger, lines } = logLines();
  const app = await startTestApp(server.url, { controllers: [Orders], streams: [OrdersStream], logger, ...more });
  await app.close();
  return lines.join('\n');
}

const LEAST = 'Pass at least 100ms. A bare number is milliseconds. For';
const IN_AN_HOUR = new Date(Date.now() + 3_600_000);

describe('Invalid durations', () => {
  it.each<[string, object, string]>([
    ['seconds for ackWait', { ackWait: 30 }, `Option 'ackWait' cannot be 30. ${LEAST} 30 seconds write '30s'.`],
    ['one millisecond for ackWait', { ackWait: 1 }, `Option 'ackWait' cannot be 1. ${LEAST} 1 seconds write '1s'.`],
    ['a short ackWait with a unit', { ackWait: '30ms' }, 'Option \'ackWait\' cannot be "30ms". Pass at least 100ms.'],
    ['seconds for backoff', { backoff: [1, 5] }, `Option 'backoff' cannot be 1. ${LEAST} 1 seconds write '1s'.`],
    [
      'nanoseconds for ackWait',
      { ackWait: 30_000_000_000 },
      "Option 'ackWait' cannot be 30000000000. A bare number is milliseconds, and this is 347 days. Write it with its unit, such as '30s'.",
    ],
    [
      'seconds for inactiveThreshold',
      { inactiveThreshold: 300 },
      "Option 'inactiveThreshold' cannot be 300. Pass at least 1s. A bare number is milliseconds. For 300 seconds write '300s'.",
    ],
    [
      'seconds for idleHeartbeat of a push consumer',
      { idleHeartbeat: 5, deliverTo: 'in' },
      `Option 'idleHeartbeat' cannot be 5. ${LEAST} 5 seconds write '5s'.`,
    ],
    [
      'an idleHeartbeat too long for a pull consumer',
      { idleHeartbeat: '1m' },
      'Option \'idleHeartbeat\' cannot be "1m". Pass 500ms to 15s for a pull consumer.',
    ],
    [
      'a startTime in the future',
      { startTime: IN_AN_HOUR },
      `Option 'startTime' cannot be ${IN_AN_HOUR.toISOString()}. The time is in the future. Pass a time in the past, or deliverPolicy: 'New'.`,
    ],
    [
      'a timeout above maxProcessingTime',
      { timeout: '20m' },
      "Option 'timeout' cannot be \"20m\". It must not be longer than 'maxProcessingTime' (10m). Shorten it or raise maxProcessingTime.",
    ],
    [
      'a retryDelay of orderBy above maxProcessingTime',
      { orderBy: () => 'key', retryDelay: ['1s', '2h'], maxProcessingTime: '1h' },
      "Option 'retryDelay' cannot be \"2h\". With orderBy it must not be longer than 'maxProcessingTime' (1h). Shorten it or raise maxProcessingTime.",
    ],
    [
      'an ackWait shorter than four heartbeats',
      { orderBy: () => 'key', orderAcross: 'instances', ackWait: '5s', idleHeartbeat: '2s' },
      "Option 'ackWait' cannot be \"5s\". With orderAcross: 'instances' it must last four times idleHeartbeat (2s). Pass at least 8s, or lower idleHeartbeat.",
    ],
  ])('are refused with the unit in the error: %s', async (_, options, message) => {
    await expect(linesOf(options)).rejects.toMatchObject({ code: 'INVALID_OPTION', message });
  });
});

describe('Bare numbers that are probably seconds', () => {
  it.each<[string, object]>([
    ['ackWait', { ackWait: 300 }],
    ['maxProcessingTime', { maxProcessingTime: 300 }],
    ['timeout', { timeout: 30 }],
    ['retryDelay', { retryDelay: [30] }],
    ['batch.timeout', { batch: { size: 2, timeout: 5 } }],
  ])('cause a warning: %s', async (option, options) => {
    const lines = await linesOf(options);
    expect(lines).toMatch(
      new RegExp(
        `\\(Orders.handle\\): Option '${option}' is (\\d+) ms, because a bare number is milliseconds. Write '\\1s'`,
      ),
    );
  });

  it('cause a warning: gracePeriod', async () => {
    expect(await linesOf({}, { gracePeriod: 15 })).toContain("Option 'gracePeriod' is 15 ms");
  });

  it.each<[string, object]>([
    ['with a unit', { ackWait: '300ms', timeout: '30ms', retryDelay: ['30ms'], maxProcessingTime: '300ms' }],
    ['if they are large enough', { ackWait: 5_000, timeout: 1_000, retryDelay: [1_000], maxProcessingTime: 60_000 }],
  ])('cause no warning %s', async (_, options) => {
    expect(await linesOf(options)).not.toContain('bare number');
  });
});
