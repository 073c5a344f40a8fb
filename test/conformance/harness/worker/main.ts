import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConsoleLogger, Controller, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamServer,
  NatsJetStreamTransport,
  type DeadLetter,
  type JetStreamConsumerOptions,
  type NatsJetStreamBatchContext,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import type { OrderCreatedEvent } from '../../../support/orders';
import { behave } from './behave';
import { JournalWriter } from './journal-writer';
import { RunCounter } from './run-counter';
import { usage } from './usage';
import type { WorkerRequest, WorkerSpec } from './worker-spec';

const spec: WorkerSpec = JSON.parse(process.env['WORKER_SPEC'] ?? '');
const journal = new JournalWriter(spec.journal, spec.name);
const { durable } = spec.consumer;
let release: () => void = () => undefined;
const released = new Promise<void>((resolve) => (release = resolve));

// The monitor only observes. The process exits as it would without it.
process.on('uncaughtExceptionMonitor', (error, origin) => {
  journal.write({ what: 'uncaught', text: `${origin}: ${error instanceof Error ? error.stack : String(error)}` });
});

function writeDeadLetter({ data, sequence: seq, deliveries: delivery }: DeadLetter): void {
  const { id, product: key }: OrderCreatedEvent = JSON.parse(Buffer.from(data).toString());
  journal.write({ what: 'dead', durable, id, key, seq, delivery });
}

const consumer: JetStreamConsumerOptions<OrderCreatedEvent> = {
  ...spec.consumer,
  ...(spec.journalsDeadLetters ? { deadLetter: writeDeadLetter } : {}),
  ...(spec.orderByProduct ? { orderBy: ({ product }: OrderCreatedEvent) => product } : {}),
};

/** Runs the handler for one order or for a batch, which succeeds or fails as a whole. */
async function work(events: readonly OrderCreatedEvent[], contexts: readonly NatsJetStreamContext[]): Promise<void> {
  const runs = events.map(({ id, product: key }, at) => {
    const { sequence: seq = 0, deliveryCount: delivery = 1 } = contexts[at] ?? {};
    return { durable, id, key, seq, delivery };
  });
  for (const run of runs) journal.write({ what: 'began', ...run });
  try {
    for (const { id, delivery } of runs)
      await behave(spec.behaviour, { id, attempt: attemptAt(id, delivery) }, released);
    for (const run of runs) journal.write({ what: 'succeeded', ...run });
  } catch (error) {
    for (const run of runs) journal.write({ what: 'threw', ...run });
    throw error;
  }
}

@Controller()
class OrderCreatedConsumer {
  @JetStreamConsumer<OrderCreatedEvent>(spec.subject, consumer)
  async handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): Promise<void> {
    await work([event], [context]);
  }
}

@Controller()
class OrderBatchConsumer {
  @JetStreamConsumer<OrderCreatedEvent>(spec.subject, {
    ...spec.consumer,
    batch: { size: spec.batchSize ?? 1, timeout: 50 },
  })
  async handle(@Payload() events: OrderCreatedEvent[], @Ctx() context: NatsJetStreamBatchContext): Promise<void> {
    await work(events, context.messages);
  }
}

const attempts = new Map<number, number>();
const runs = spec.behaviour.does === 'mix' ? new RunCounter(join(dirname(spec.journal), 'runs')) : undefined;

/** Returns the attempt. Retries of an ordered message are attempts without a delivery. */
function attemptAt(id: number, delivery: number): number {
  if (runs) return runs.count(id);
  const attempt = Math.max((attempts.get(id) ?? 0) + 1, delivery);
  // Succeeding handlers do not retry, so nothing is kept for them.
  if (spec.behaviour.does !== 'succeed') attempts.set(id, attempt);
  return attempt;
}

@Injectable()
class SlowStart implements OnModuleInit {
  async onModuleInit(): Promise<void> {
    await delay(spec.bootMs);
    if (spec.failsBoot) throw new Error('the database is down');
    journal.write({ what: 'booted', text: spec.name });
  }
}

@Module({
  imports: [NatsJetStreamTransport.register(spec.transport)],
  controllers: [spec.batchSize === undefined ? OrderCreatedConsumer : OrderBatchConsumer],
  providers: [SlowStart],
})
class WorkerModule {}

/** Answers with the number of dead letters, or the error. */
async function redrive(admin: JetStreamAdmin): Promise<void> {
  try {
    process.send?.({ redrive: String(await admin.redriveAll('ORDERS')) });
  } catch (error) {
    process.send?.({ redrive: String(error) });
  }
}

async function bootstrap(): Promise<void> {
  const logger = new ConsoleLogger({ colors: false });
  const app = await NestFactory.create(WorkerModule, { logger });
  const transport = app.get(NatsJetStreamServer);
  app.connectMicroservice({ strategy: transport });
  app.enableShutdownHooks();
  const close = (): void => {
    // Nothing else keeps the process alive after closing.
    process.channel?.ref();
    void app.close().then(() => process.send?.({ close: true }));
  };
  process.on('message', (request: WorkerRequest) => {
    if (request === 'release') release();
    // In a task of its own, so that no run is between the check of the pin and its record.
    else if (request === 'freeze') setImmediate(() => process.kill(process.pid, 'SIGSTOP'));
    else if (request === 'close') close();
    else if (request === 'redrive') void redrive(app.get(JetStreamAdmin));
    else process.send?.({ [request]: request === 'health' ? transport.health() : usage() });
  });
  await app.startAllMicroservices();
  await app.init();
  process.send?.({ ready: true });
  // The IPC channel to the test must not keep the process alive.
  process.channel?.unref();
}
// A failed startup exits with code 1, like an unhandled rejection, but it is expected here.
bootstrap().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
