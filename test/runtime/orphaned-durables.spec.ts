import { Controller, type Type } from '@nestjs/common';
import { JetStreamAdmin, JetStreamConsumer, NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, ORDER_DELETED, OrdersStream, order } from '../support/orders';

@Controller()
class Before {
  @JetStreamConsumer(ORDER_CREATED)
  handle(): void {}
}

@Controller()
class After {
  @JetStreamConsumer(ORDER_CREATED)
  handle(): void {}
}

@Controller()
class Elsewhere {
  @JetStreamConsumer(ORDER_DELETED)
  handle(): void {}
}

let server: TestServer;
let jetStream: JetStreamProbe;
beforeEach(async () => {
  server = await startTestServer();
  jetStream = await probe(server.url);
});

/**
 * Returns warnings about unused durables after a start, once there is one for each expected
 * durable.
 */
async function orphanWarnings(controller: Type, ...expected: readonly string[]): Promise<string[]> {
  const { logger, lines } = logLines();
  await startTestApp(server.url, { controllers: [controller], streams: [OrdersStream], logger });
  const warnings = (): string[] => lines.filter((line) => line.includes('no handler uses it'));
  await eventually('every durable has a warning', () =>
    expected.every((durable) => warnings().some((line) => line.includes(`'${durable}'`))),
  );
  return warnings();
}

async function durables(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of jetStream.manager.consumers.list('ORDERS')) names.push(name);
  return names;
}

describe('Startup after a handler class was renamed', () => {
  it('warns once about the unused durable, with the call that deletes it', async () => {
    await startTestApp(server.url, { id: 'other', controllers: [Elsewhere], streams: [OrdersStream] });
    const app = await startTestApp(server.url, { controllers: [Before] });
    await app.close();
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    const left = (await durables()).find((name) => name.includes('Before')) ?? '';
    expect(await orphanWarnings(After, left)).toEqual([
      `Durable '${left}' of stream 'ORDERS' belongs to this service, but no handler uses it (1 messages waiting). If its ` +
        `handler was renamed or removed, delete it with JetStreamAdmin.deleteConsumer('ORDERS', '${left}').`,
    ]);
  });

  it('does not warn after the durable was deleted', async () => {
    await (await startTestApp(server.url, { controllers: [Before], streams: [OrdersStream] })).close();
    const [left = ''] = await durables();
    const app = await startTestApp(server.url, { controllers: [After] });
    await app.get(JetStreamAdmin).deleteConsumer('ORDERS', left);
    expect((await durables()).filter((name) => name.includes('Before'))).toEqual([]);
    await app.close();
    await startTestApp(server.url, { controllers: [Before] }).then(async (again) => again.close());
    const renamed = (await durables()).find((name) => name.includes('After')) ?? '';
    expect(await orphanWarnings(Before, renamed)).toHaveLength(1);
  });

  it('does not warn about a durable that another version still uses', async () => {
    await startTestApp(server.url, { controllers: [Before], streams: [OrdersStream] });
    await (await startTestApp(server.url, { controllers: [Elsewhere] })).close();
    const left = (await durables()).find((name) => name.includes('Elsewhere')) ?? '';
    expect(await orphanWarnings(After, left)).toHaveLength(1);
  });

  it('finds unused durables beyond the first page of the list', async () => {
    await jetStream.manager.streams.add({ name: 'ORDERS', subjects: ['order.>'], storage: 'memory' });
    const metadata = { 'nest-jetstream.service': 'test' };
    for (let at = 0; at < 300; at++) {
      const mine = at % 150 === 149;
      await jetStream.manager.consumers.add('ORDERS', {
        durable_name: `d${at}`,
        ack_policy: 'explicit',
        mem_storage: true,
        ...(mine && { metadata }),
      });
    }
    expect(await orphanWarnings(After, 'd149', 'd299')).toHaveLength(2);
  });
});

describe('JetStreamAdmin.deleteConsumer', () => {
  it('rejects a missing durable or stream', async () => {
    const app = await startTestApp(server.url, { streams: [OrdersStream] });
    const admin = app.get(JetStreamAdmin);
    await expect(admin.deleteConsumer('ORDERS', 'absent')).rejects.toMatchObject({
      code: 'MISSING_CONSUMER',
      value: 'absent',
      stream: 'ORDERS',
    });
    await expect(admin.deleteConsumer('ABSENT', 'absent')).rejects.toMatchObject({ code: 'MISSING_STREAM' });
    await expect(admin.deleteConsumer('ORDERS', 'a.b')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('lets a running service recreate the durable at its position', async () => {
    const handled: number[] = [];
    @Controller()
    class Recording {
      @JetStreamConsumer(ORDER_CREATED, { durable: 'recording' })
      handle({ id }: { id: number }): void {
        handled.push(id);
      }
    }
    const app = await startTestApp(server.url, { controllers: [Recording], streams: [OrdersStream] });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(1));
    await eventually('everything is handled', () => handled.length === 1);
    await app.get(JetStreamAdmin).deleteConsumer('ORDERS', 'recording');
    await client.emitAsync(ORDER_CREATED, order(2));
    await eventually('both are handled', () => handled.length === 2);
    expect(handled).toEqual([1, 2]);
  });
});
