import { NatsJetStreamServer } from '@nest-jetstream/transport';
import { NatsTestServer } from '@nest-jetstream/transport/testing';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AppModule } from '../app.module';
import { ORDER_CREATED } from './orders.events';

describe('orders', () => {
  let nats: NatsTestServer;
  let app: INestApplication;

  beforeAll(async () => {
    nats = await NatsTestServer.start();
    process.env.NATS_URL = nats.url;
    const module = await Test.createTestingModule({
      imports: [AppModule],
    }).compile();
    app = module.createNestApplication();
    app.connectMicroservice({ strategy: app.get(NatsJetStreamServer) });
    await app.startAllMicroservices();
    await app.init();
  }, 60_000);

  afterEach(() => nats.purge());

  afterAll(async () => {
    await app?.close();
    await nats?.stop();
  });

  it('are handled', async () => {
    const order = { id: 1, product: 'Socks', quantity: 1 };
    const ack = await nats.publish(ORDER_CREATED, order);
    await nats.handled(ack);
    expect(await nats.pending(ORDER_CREATED)).toBe(0);
  });

  it('that cannot be read are dead letters', async () => {
    const noJson = new TextEncoder().encode('1;Socks');
    await nats.publish<unknown>('order.created', noJson);
    const [letter] = await nats.deadLettered(ORDER_CREATED);
    expect(letter?.deliveries).toBe(1);
    expect(letter?.reason).toContain('UndecodableEventError');
  });
});
