import {
  NatsJetStreamClientProxy,
  type JetStreamPublisher,
  type NatsJetStreamPubAck,
  type PublishOptions,
} from '@nest-jetstream/transport';
import { RecordingPublisher } from '@nest-jetstream/transport/testing';
import { EMPTY, type Observable } from 'rxjs';
import { ORDER_CREATED, ORDER_UPDATED } from './orders.events.js';
import { QUOTE_PRICE } from './prices.requests.js';

declare const client: NatsJetStreamClientProxy;
const event = { id: 1, product: 'Socks', quantity: 1 };

// The client and the recording publisher are publishers, with the same checks.
export const publishers: JetStreamPublisher[] = [client, new RecordingPublisher()];
const recording = new RecordingPublisher();
void recording.emitAsync(ORDER_CREATED, event);
void recording.request(QUOTE_PRICE, { product: 'Socks', quantity: 1 }).then(({ cents }) => cents);
recording.replyTo(QUOTE_PRICE, { cents: 1 });
recording.failNext(new Error('down'));

void recording.emitAsync(ORDER_CREATED, { id: 1 }); // error: missing the following properties from type 'OrderCreatedEvent'
recording.emit(ORDER_UPDATED, { id: 1 }); // error: Property 'quantity' is missing
void recording.emitAsync('order.*', event); // error: 'order.*' is a pattern. Use a subject without '*' and '>'.
recording.replyTo(QUOTE_PRICE, { euros: 1 }); // error: 'euros' does not exist in type 'QuotedPrice'
recording.replyTo(ORDER_CREATED, { cents: 1 }); // error: is not assignable to parameter of type 'AnyRequest'

// Fakes that a test writes by hand.
export class Fake implements JetStreamPublisher {
  readonly published: unknown[] = [];

  async emitAsync(subject: unknown, published: unknown, options?: PublishOptions): Promise<NatsJetStreamPubAck> {
    this.published.push(subject, published, options);
    return { stream: 'ORDERS', seq: 1, duplicate: false };
  }

  emit(): Observable<never> {
    return EMPTY;
  }

  request(): Promise<never> {
    return Promise.reject(new Error('no reply'));
  }
}

export class PartOfClient implements Pick<NatsJetStreamClientProxy, 'emitAsync'> {
  async emitAsync(subject: unknown, published: unknown): Promise<NatsJetStreamPubAck> {
    return { stream: String(subject), seq: Number(published), duplicate: false };
  }
}

export class Tracing extends NatsJetStreamClientProxy {
  override async emitAsync(
    subject: unknown,
    published: unknown,
    options?: PublishOptions,
  ): Promise<NatsJetStreamPubAck> {
    return super.emitAsync(String(subject), published, options);
  }
}
