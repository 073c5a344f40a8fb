// The project around a block of the docs that has no imports.
import type {
  EventArgument,
  EventSubject,
  JetStreamAdmin,
  NatsJetStreamClientProxy,
  NatsJetStreamContext,
  StreamDefinition,
  SubjectArgument,
} from '@nest-jetstream/transport';
import type { INestApplication } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import type { OutboxInbox } from '@nestjs/outbox';
import type { PoolClient } from 'pg';

declare global {
  interface OrderCreatedEvent {
    id: number;
    product: string;
    quantity: number;
  }
  interface OrderPaidEvent {
    id: number;
    amount: number;
  }
  interface InvoicePaidEvent {
    id: number;
  }
  const ORDER_CREATED: EventSubject<'order.created', OrderCreatedEvent>;
  const ORDER_PAID: EventSubject<'order.paid', OrderPaidEvent>;
  const INVOICE_PAID: EventSubject<'invoice.paid', InvoicePaidEvent>;
  const OrdersStream: StreamDefinition<Readonly<Record<string, never>>, readonly ['order.>'], 'ORDERS'>;
  const InvoicesStream: StreamDefinition<Readonly<Record<string, never>>, readonly ['invoice.>'], 'INVOICES'>;
  const event: OrderCreatedEvent;

  const app: INestApplication;
  const client: NatsJetStreamClientProxy;
  const admin: JetStreamAdmin;

  /** The business service of the examples. */
  interface Orders {
    insertMany(events: OrderCreatedEvent[]): Promise<void>;
    insert(event: OrderCreatedEvent): Promise<void>;
  }

  /** The database of docs/outbox.md. */
  interface Database {
    transaction<T>(work: (tx: PoolClient) => Promise<T>): Promise<T>;
  }
  const database: Database;
  function addToOutbox<Subject extends string>(
    tx: PoolClient,
    subject: SubjectArgument<Subject>,
    event: EventArgument<Subject>,
  ): Promise<void>;
  function addToInbox(tx: PoolClient, durable: string, context: NatsJetStreamContext): Promise<boolean>;

  /** A codec for another format than JSON. */
  interface Format {
    serialize(event: unknown): Uint8Array;
    deserialize(data: Uint8Array): unknown;
  }
  const protobuf: Format;
  const avro: Format;
  function schemaOf(subject: string): object;
  function encode(schema: object, event: unknown): Uint8Array;
  function decode(schema: object, data: Uint8Array): unknown;
}

/** The class around a block of `ts class`. */
export class ClassOfBlock {
  protected readonly client!: NatsJetStreamClientProxy;
  protected readonly orders!: Orders;
  /** The client of Nest's own NATS transport. */
  protected readonly nats!: ClientProxy;
  protected readonly database!: Database;
  protected readonly inbox!: OutboxInbox;
}
