import {
  InjectJetStreamClient,
  type JetStreamPublisher,
  NatsJetStreamClientProxy,
  NatsJetStreamRecordBuilder,
  NoStreamForSubjectError,
  subject,
  subjectTemplate,
} from '@nest-jetstream/transport';
import { RecordingPublisher } from '../../runtime/src/testing/recording-publisher';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { firstValueFrom } from 'rxjs';

interface Order {
  id: number;
}
interface Price {
  cents: number;
}

const ORDER_CREATED = subject<Order>()('order.created');
const QUOTE_PRICE = subject.request<Order, Price>()('price.quote');
const COUNT_STOCK = subjectTemplate.request<Order, { left: number }>()('stock.:region.count');

@Injectable()
class OrdersService {
  constructor(private readonly client: NatsJetStreamClientProxy) {}

  async create(order: Order): Promise<number> {
    const { cents } = await this.client.request(QUOTE_PRICE, order);
    await this.client.emitAsync(ORDER_CREATED, order, { headers: { tenant: 'acme' } });
    return cents;
  }
}

@Injectable()
class Notifier {
  constructor(@InjectJetStreamClient() private readonly publisher: JetStreamPublisher) {}

  async notify(id: number): Promise<void> {
    await this.publisher.emitAsync(ORDER_CREATED, { id });
  }
}

describe('RecordingPublisher', () => {
  let client: RecordingPublisher;
  beforeEach(() => {
    client = new RecordingPublisher();
  });

  it('replaces the injected client, and records events and requests', async () => {
    const module = await Test.createTestingModule({
      providers: [OrdersService, { provide: NatsJetStreamClientProxy, useValue: client }],
    }).compile();
    client.replyTo(QUOTE_PRICE, { cents: 500 });

    expect(await module.get(OrdersService).create({ id: 1 })).toBe(500);
    expect(client.requested).toEqual([{ subject: 'price.quote', data: { id: 1 }, options: {} }]);
    expect(client.published).toEqual([
      { subject: 'order.created', event: { id: 1 }, options: { headers: { tenant: 'acme' } } },
    ]);
  });

  it('replaces a client that is injected as its interface', async () => {
    const module = await Test.createTestingModule({
      providers: [Notifier, { provide: NatsJetStreamClientProxy, useValue: client }],
    }).compile();
    await module.get(Notifier).notify(7);

    expect(client.published).toMatchObject([{ subject: 'order.created', event: { id: 7 } }]);
  });

  it('records the event and the options of a record', async () => {
    const record = new NatsJetStreamRecordBuilder({ id: 1 }).setMessageId('order-1').build();
    const ack = await firstValueFrom(client.emit(ORDER_CREATED, record));

    expect(ack).toEqual({ stream: 'RECORDED', seq: 1, duplicate: false });
    expect(client.published).toEqual([{ subject: 'order.created', event: { id: 1 }, options: { msgID: 'order-1' } }]);
  });

  it('fails the next publish and the next request only', async () => {
    client.replyTo(QUOTE_PRICE, { cents: 1 });
    client.failNext((name) => new NoStreamForSubjectError(name));
    await expect(client.emitAsync(ORDER_CREATED, { id: 1 })).rejects.toMatchObject({
      code: 'NO_STREAM_FOR_SUBJECT',
      value: 'order.created',
    });
    client.failNext(new Error('down'));
    await expect(client.request(QUOTE_PRICE, { id: 1 })).rejects.toThrow('down');
    await client.emitAsync(ORDER_CREATED, { id: 2 });

    expect(client.published.map(({ event }) => event)).toEqual([{ id: 2 }]);
    expect(client.requested).toEqual([]);
  });

  it('does not report a failed emit without a subscriber as an unhandled rejection', async () => {
    client.failNext(new Error('down'));
    const emitted = client.emit(ORDER_CREATED, { id: 1 });

    await expect(firstValueFrom(emitted)).rejects.toThrow('down');
  });

  it('replies to the subjects of a template, and refuses requests without a reply', async () => {
    client.replyTo(COUNT_STOCK, { left: 3 });

    expect(await client.request(COUNT_STOCK.for({ region: 'eu' }), { id: 1 })).toEqual({ left: 3 });
    await expect(client.request(QUOTE_PRICE, { id: 1 })).rejects.toMatchObject({ code: 'NO_RESPONDER' });
  });

  it('refuses an invalid subject, like the client', async () => {
    const publisher: JetStreamPublisher = client;
    const invalid: string = 'order.*';

    await expect(publisher.emitAsync(invalid, { id: 1 })).rejects.toMatchObject({ code: 'INVALID_SUBJECT' });
  });
});
