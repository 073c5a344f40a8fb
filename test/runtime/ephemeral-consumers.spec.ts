import { Controller } from '@nestjs/common';
import { JetStreamConsumer, NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { watchWrites } from '../support/api-writes';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

const STARTS = 20;

describe('Handler with durable: false', () => {
  it('leaves nothing permanent on the server after many starts', async () => {
    const server = await startTestServer();
    const jetStream = await probe(server.url);
    let handled = 0;
    @Controller()
    class Ephemeral {
      @JetStreamConsumer(ORDER_CREATED, { durable: false, deliverPolicy: 'New' })
      handle(): void {
        handled++;
      }
    }
    const options = { controllers: [Ephemeral], streams: [OrdersStream] };
    await (await startTestApp(server.url, options)).close();
    const streams = await jetStream.manager.streams.names().next();
    const writes = await watchWrites(jetStream);
    for (let start = 1; start <= STARTS; start++) {
      const app = await startTestApp(server.url, options);
      await app.get(NatsJetStreamClientProxy).emitAsync(ORDER_CREATED, order(start));
      await eventually('everything is handled', () => handled === start);
      await app.close();
    }
    await eventually('every write arrived', () => writes.length >= STARTS);
    expect(new Set(writes)).toEqual(new Set(['$JS.API.CONSUMER.CREATE.ORDERS']));
    expect(await jetStream.manager.streams.names().next()).toEqual(streams);
    expect((await jetStream.manager.streams.info('JETSTREAM_ATTEMPTS')).state.messages).toBe(0);
    for (const stream of streams)
      for await (const { config } of jetStream.manager.consumers.list(stream))
        expect(config).toMatchObject({ inactive_threshold: 60e9 });
  });
});
