import {
  JetStreamConsumer,
  JetStreamResponder,
  NATS_JETSTREAM,
  NatsJetStreamContext,
  type ReplyOf,
  type RequestOf,
} from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, NatsContext, Payload } from '@nestjs/microservices';
import { EMPTY, of, type Observable } from 'rxjs';
import { ORDER_CREATED } from './orders.events.js';
import { COUNT_STOCK, QUOTE_PRICE, type QuotedPrice, type QuotePrice, type StockAnswer } from './prices.requests.js';

@Controller()
export class Prices {
  @JetStreamResponder(QUOTE_PRICE)
  quote(@Payload() request: QuotePrice): QuotedPrice {
    return { cents: request.quantity };
  }

  @JetStreamResponder(QUOTE_PRICE, { connection: 'billing' })
  async withContext(@Payload() { quantity }: QuotePrice, @Ctx() context: NatsContext): Promise<QuotedPrice> {
    return { cents: quantity, discount: context.getSubject() };
  }

  @JetStreamResponder(QUOTE_PRICE)
  contextFirst(@Ctx() context: NatsContext, @Payload() request: QuotePrice) {
    console.log(context);
    return { cents: request.quantity };
  }

  @JetStreamResponder(QUOTE_PRICE)
  stream(@Payload() request: RequestOf<typeof QUOTE_PRICE>): Observable<ReplyOf<typeof QUOTE_PRICE>> {
    return of({ cents: request.quantity });
  }

  @JetStreamResponder(QUOTE_PRICE)
  async laterStream(): Promise<Observable<QuotedPrice>> {
    return EMPTY;
  }

  @JetStreamResponder(QUOTE_PRICE)
  unvalidated(@Payload() payload: unknown): QuotedPrice {
    throw new Error(String(payload));
  }

  @JetStreamResponder(QUOTE_PRICE)
  wider(@Payload() { product }: { product: string }): { cents: number; discount: string } {
    return { cents: 1, discount: product };
  }

  @JetStreamResponder(QUOTE_PRICE)
  never(): never {
    throw new Error();
  }

  @JetStreamResponder(QUOTE_PRICE)
  anything(): any {
    return 1;
  }

  @JetStreamResponder(COUNT_STOCK)
  count(@Payload() { product }: { product: string }, @Ctx() context: NatsContext): StockAnswer {
    return { left: (COUNT_STOCK.match(context.getSubject())?.region ?? product).length };
  }

  // Code that was generated before responders had a decorator of their own.
  @MessagePattern(QUOTE_PRICE, NATS_JETSTREAM)
  older(@Payload() request: QuotePrice): QuotedPrice {
    return { cents: request.quantity };
  }
}

export class Mistakes {
  // error: The first parameter must accept the request, RequestOf<typeof REQUEST>.
  @JetStreamResponder(QUOTE_PRICE)
  otherRequest(@Payload() request: { id: number }): QuotedPrice {
    return { cents: request.id };
  }

  // error: The first parameter must accept the request, RequestOf<typeof REQUEST>.
  @JetStreamResponder(QUOTE_PRICE)
  oneField(@Payload('quantity') quantity: number): QuotedPrice {
    return { cents: quantity };
  }

  // error: The responder must return the reply of this request, ReplyOf<typeof REQUEST>.
  @JetStreamResponder(QUOTE_PRICE)
  otherReply(@Payload() request: QuotePrice): { euros: number } {
    return { euros: request.quantity };
  }

  // error: The responder must return the reply of this request, ReplyOf<typeof REQUEST>.
  @JetStreamResponder(QUOTE_PRICE)
  async otherPromise(@Payload() request: QuotePrice): Promise<QuotedPrice | undefined> {
    return request.quantity > 1 ? { cents: 1 } : undefined;
  }

  // error: The responder must return the reply of this request, ReplyOf<typeof REQUEST>.
  @JetStreamResponder(QUOTE_PRICE)
  otherStream(): Observable<number> {
    return of(1);
  }

  // error: The responder must return the reply of this request, ReplyOf<typeof REQUEST>.
  @JetStreamResponder(QUOTE_PRICE)
  noReply(@Payload() request: QuotePrice): void {
    console.log(request);
  }

  // error: The responder is a generator, so its body would not run. Make it an async function.
  @JetStreamResponder(QUOTE_PRICE)
  *generator(): Generator<QuotedPrice> {
    yield { cents: 1 };
  }

  // error: The context parameter of a responder must be a NatsContext of @nestjs/microservices.
  @JetStreamResponder(QUOTE_PRICE)
  eventContext(@Payload() request: QuotePrice, @Ctx() context: NatsJetStreamContext): QuotedPrice {
    return { cents: request.quantity + context.deliveryCount };
  }

  // error: The context parameter of a responder must be a NatsContext of @nestjs/microservices.
  @JetStreamResponder(QUOTE_PRICE)
  eventContextFirst(@Ctx() context: NatsJetStreamContext, @Payload() request: QuotePrice): QuotedPrice {
    return { cents: request.quantity + context.deliveryCount };
  }

  // error: The parameter after the context must accept the request, RequestOf<typeof REQUEST>.
  @JetStreamResponder(QUOTE_PRICE)
  otherAfterContext(@Ctx() context: NatsContext, @Payload() request: number): QuotedPrice {
    return { cents: request, discount: context.getSubject() };
  }

  // error: Nest does not call static methods. Remove static.
  @JetStreamResponder(QUOTE_PRICE)
  static quote(): QuotedPrice {
    return { cents: 1 };
  }

  // error: 'order.created' is not a request. Declare it with subject.request<Request, Reply>(), or use @MessagePattern.
  @JetStreamResponder(ORDER_CREATED)
  event(): number {
    return 1;
  }

  // error: 'price.quote' is not a request. Declare it with subject.request<Request, Reply>(), or use @MessagePattern.
  @JetStreamResponder('price.quote')
  text(): number {
    return 1;
  }

  // error: 'durable' does not exist in type 'JetStreamResponderOptions'
  @JetStreamResponder(QUOTE_PRICE, { durable: 'prices' })
  durable(): QuotedPrice {
    return { cents: 1 };
  }

  // error: The responder must return the reply of this request, ReplyOf<typeof REQUEST>.
  @JetStreamResponder(COUNT_STOCK)
  count(): QuotedPrice {
    return { cents: 1 };
  }
}
