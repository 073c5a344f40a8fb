import {
  defineStream,
  fromConnection,
  JetStreamConsumer,
  JetStreamResponder,
  NatsJetStreamClientProxy,
  subject,
  subjectTemplate,
} from '@nest-jetstream/transport';
import { Controller, type INestApplicationContext } from '@nestjs/common';
import { Ctx, MessagePattern, type NatsContext, Payload, Transport } from '@nestjs/microservices';
import { PATTERN_EXTRAS_METADATA } from '@nestjs/microservices/constants';
import { lastValueFrom, of, type Observable } from 'rxjs';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

interface QuotePrice {
  product: string;
  quantity: number;
}
interface QuotedPrice {
  cents: number;
}

const QUOTE_PRICE = subject.request<QuotePrice, QuotedPrice>()('responder.quote');
const COUNT_STOCK = subjectTemplate.request<{ product: string }, { left: string }>()('responder.:region.count');
const LIST_PRICES = subject.request<string, number>()('responder.list');
const STORED = subject.request<string, number>()('responder.stored.sum');

@Controller()
class Prices {
  runs = 0;

  @JetStreamResponder(QUOTE_PRICE)
  async quote(@Payload() { quantity }: QuotePrice): Promise<QuotedPrice> {
    this.runs++;
    return { cents: 500 * quantity };
  }

  @JetStreamResponder(COUNT_STOCK)
  count(@Payload() { product }: { product: string }, @Ctx() context: NatsContext): { left: string } {
    const params = COUNT_STOCK.match(context.getSubject());
    return { left: `${product} in ${params?.region}` };
  }

  @JetStreamResponder(LIST_PRICES)
  list(): Observable<number> {
    return of(1, 2, 3);
  }
}

describe('JetStreamResponder', () => {
  let server: TestServer;
  let app: INestApplicationContext;
  let client: NatsJetStreamClientProxy;

  beforeAll(async () => {
    server = await startTestServer();
  });
  beforeEach(async () => {
    app = await startTestApp(server.url, {
      controllers: [Prices],
      // The core NATS transport of Nest would answer, too.
      configure: (hybrid) =>
        hybrid.connectMicroservice({ transport: Transport.NATS, options: { servers: [server.url] } }),
    });
    client = app.get(NatsJetStreamClientProxy);
  });

  it('answers request and send, and on this transport only', async () => {
    const { cents } = await client.request(QUOTE_PRICE, { product: 'Socks', quantity: 2 });
    const sent = await lastValueFrom(client.send(QUOTE_PRICE, { product: 'Socks', quantity: 3 }));

    expect([cents, sent.cents, app.get(Prices).runs]).toEqual([1_000, 1_500, 2]);
  });

  it('answers all subjects of a template, whose match returns the captured tokens', async () => {
    const { left } = await client.request(COUNT_STOCK.for({ region: 'eu' }), { product: 'Socks' });

    expect(left).toBe('Socks in eu');
  });

  it('may return an Observable, whose last value is the reply', async () => {
    expect(await client.request(LIST_PRICES, 'all')).toBe(3);
  });

  it('is bound to the connection of its options', () => {
    @Controller()
    class Billing {
      @JetStreamResponder(QUOTE_PRICE, { connection: 'billing' })
      quote(): QuotedPrice {
        return { cents: 1 };
      }
    }
    const method: unknown = Reflect.get(Billing.prototype, 'quote');
    expect(Reflect.getMetadata(PATTERN_EXTRAS_METADATA, method as object)).toEqual(fromConnection('billing'));
    expect(() => JetStreamResponder(QUOTE_PRICE, { connection: ' ' })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    );
  });
});

describe('send', () => {
  it('sends a request to a request constant that a declared stream stores, and stores nothing', async () => {
    const server = await startTestServer();
    const Stored = defineStream({ name: 'STORED', subjects: ['responder.stored.>'] });
    const app = await startTestApp(server.url, { streams: [Stored] });
    const client = app.get(NatsJetStreamClientProxy);

    await expect(lastValueFrom(client.send(STORED, 'x'))).rejects.toMatchObject({ code: 'REQUESTED_STREAM' });
  });
});

describe('JetStreamResponder on a wrong method', () => {
  it('refuses a static method', () => {
    const descriptor = { value: () => ({ cents: 1 }) };
    const decorate = JetStreamResponder(QUOTE_PRICE) as (...of: unknown[]) => void;

    expect(() => decorate(Prices, 'quote', descriptor)).toThrow(
      expect.objectContaining({
        code: 'HANDLER_NOT_REGISTERED',
        message:
          'Prices.quote has @JetStreamResponder but receives no messages, because it is static. ' +
          'Remove static, so that it is a method of the controller.',
      }),
    );
  });

  it('refuses a field', () => {
    const decorate = JetStreamResponder(QUOTE_PRICE) as (...of: unknown[]) => void;

    expect(() => decorate(Prices.prototype, 'quote', undefined)).toThrow(
      expect.objectContaining({ code: 'HANDLER_NOT_REGISTERED', value: 'Prices.quote' }),
    );
  });

  it.each<[string, MethodDecorator]>([
    ['@MessagePattern', MessagePattern('responder.other')],
    ['@JetStreamConsumer', JetStreamConsumer('responder.other') as MethodDecorator],
  ])('refuses a method with %s', (_name, other) => {
    expect(() => {
      class Twice {
        @JetStreamResponder(QUOTE_PRICE)
        @other
        quote(): QuotedPrice {
          return { cents: 1 };
        }
      }
      return Twice;
    }).toThrow(expect.objectContaining({ code: 'SEVERAL_PATTERNS' }));
  });

  it('refuses an undecorated payload beside a decorated parameter', () => {
    expect(() => {
      class Undecorated {
        @JetStreamResponder(QUOTE_PRICE)
        quote(_request: QuotePrice, @Ctx() _context: NatsContext): QuotedPrice {
          return { cents: 1 };
        }
      }
      return Undecorated;
    }).toThrow(expect.objectContaining({ code: 'UNDECORATED_PAYLOAD' }));
  });
});
