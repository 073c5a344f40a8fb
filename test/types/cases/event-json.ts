// Common event types, including some that JSON changes.
import { JetStreamConsumer, subject, subjectPattern, type ContextOf, type EventOf } from '@nest-jetstream/transport';
import type { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { defineStream } from '@nest-jetstream/transport';
import { Ctx, Payload } from '@nestjs/microservices';
import type { Equal, Expect } from './type-equality.js';

declare const client: NatsJetStreamClientProxy;
declare const day: unique symbol;

type CustomerId = string & { readonly [day]: 'customer' };
declare const customer: CustomerId;

enum State {
  Open = 'open',
  Paid = 'paid',
}
const enum Level {
  Low,
  High,
}

class Money {
  constructor(
    readonly amount: number,
    readonly currency: 'EUR' | 'USD' = 'EUR',
  ) {}

  plus(other: Money): Money {
    return new Money(this.amount + other.amount, this.currency);
  }
}
class SecretMoney {
  private readonly cents = 1;

  inCents(): number {
    return this.cents;
  }
}

interface InvoicePaidEvent {
  readonly customer: CustomerId;
  readonly state: State;
  readonly level: Level;
  readonly lines: readonly string[];
  readonly pair: readonly [string, number];
  readonly paidAt: Date;
  readonly note?: string | undefined;
}

export const INVOICE_PAID = subject<InvoicePaidEvent>()('invoice.paid');
export const MONEY_SENT = subject<Money>()('money.sent');
export const SECRET_SENT = subject<SecretMoney>()('secret.sent');
export const STATE_CHANGED = subject<State>()('state.changed');
export const NOTHING_HAPPENED = subject<undefined>()('nothing.happened');
export const NULL_HAPPENED = subject<null>()('null.happened');
export const MAYBE_HAPPENED = subject<Money | undefined>()('maybe.happened');

export type Kinds = [
  Expect<Equal<EventOf<typeof INVOICE_PAID>, InvoicePaidEvent>>,
  Expect<Equal<EventOf<typeof MONEY_SENT>, Money>>,
  Expect<Equal<EventOf<typeof SECRET_SENT>, SecretMoney>>,
  Expect<Equal<EventOf<typeof STATE_CHANGED>, State>>,
  Expect<Equal<EventOf<typeof NOTHING_HAPPENED>, undefined>>,
  Expect<Equal<EventOf<typeof NULL_HAPPENED>, null>>,
  Expect<Equal<EventOf<typeof MAYBE_HAPPENED>, Money | undefined>>,
];

const paid = {
  customer,
  state: State.Paid,
  level: Level.High,
  lines: ['a'],
  pair: ['a', 1],
  paidAt: new Date(),
} as const;

client.emit(INVOICE_PAID, paid);
client.emit(INVOICE_PAID, { ...paid, note: undefined });
client.emit(MONEY_SENT, new Money(1));
client.emit(SECRET_SENT, new SecretMoney());
client.emit(STATE_CHANGED, State.Open);
client.emit(NULL_HAPPENED, null);
client.emit(MAYBE_HAPPENED, undefined);

client.emit(INVOICE_PAID, { ...paid, customer: 'ada' }); // error: Type 'string' is not assignable to type 'CustomerId'
client.emit(INVOICE_PAID, { ...paid, state: 'paid' }); // error: Type '"paid"' is not assignable to type 'State'
client.emit(INVOICE_PAID, { ...paid, level: 7 }); // error: Type '7' is not assignable to type 'Level'
client.emit(INVOICE_PAID, { ...paid, pair: ['a'] }); // error: is not assignable to type 'readonly [string, number]'
client.emit(INVOICE_PAID, { ...paid, paidAt: '2026-11-24' }); // error: Type 'string' is not assignable to type 'Date'
client.emit(MONEY_SENT, { amount: 1, currency: 'EUR' }); // error: Property 'plus' is missing in type
client.emit(SECRET_SENT, { inCents: () => 1 }); // error: is not assignable to parameter of type
client.emit(STATE_CHANGED, 'open'); // error: Argument of type '"open"' is not assignable to parameter of type
client.emit(NOTHING_HAPPENED, null); // error: Argument of type 'null' is not assignable to parameter of type

export const Invoices = defineStream({
  name: 'INVOICES',
  subjects: ['*.paid', '*.sent'],
  events: { INVOICE_PAID, MONEY_SENT },
});
const ALL = subjectPattern(Invoices, '*.*');

export class KindsConsumer {
  @JetStreamConsumer(INVOICE_PAID)
  paid(@Payload() { lines, note = '' }: InvoicePaidEvent): string {
    return `${lines.join()} ${note}`;
  }

  @JetStreamConsumer(INVOICE_PAID)
  partly(@Payload() event: Partial<InvoicePaidEvent>): State | undefined {
    return event.state;
  }

  @JetStreamConsumer(MONEY_SENT)
  money(@Payload() money: { readonly amount: number }): number {
    return money.amount;
  }

  @JetStreamConsumer(STATE_CHANGED)
  state(@Payload() state: string): string {
    return state;
  }

  @JetStreamConsumer(MAYBE_HAPPENED)
  maybe(@Payload() money?: Money): number | undefined {
    return money?.amount;
  }

  @JetStreamConsumer(ALL)
  all(@Payload() event: EventOf<typeof ALL>, @Ctx() context: ContextOf<typeof ALL>): number {
    if (context.subject === 'money.sent') return context.event.amount;
    return 'lines' in event ? event.lines.length : event.amount;
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(INVOICE_PAID)
  writableLines(@Payload() event: { lines: string[] }): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(INVOICE_PAID)
  text(@Payload() event: { paidAt: string }): void {
    console.log(event);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(MAYBE_HAPPENED)
  surely(@Payload() money: Money): void {
    console.log(money);
  }
}
