import { NatsJetStreamClientProxy } from '@nest-jetstream/transport';
import { filter, lastValueFrom, map, tap } from 'rxjs';
import { eventually } from '../support/eventually';
import { logLines } from '../support/log-lines';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order } from '../support/orders';

/** Returns the errors that would end the process. RxJS throws an unhandled error in a timer. */
async function uncaughtDuring(action: () => Promise<void>): Promise<unknown[]> {
  const uncaught: unknown[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const keep = (error: unknown): void => void uncaught.push(error);
  process.on('uncaughtException', keep);
  try {
    await action();
    await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('uncaughtException', keep);
    for (const listener of before) process.on('uncaughtException', listener);
  }
  return uncaught;
}

const startClient = async () => {
  const server = await startTestServer();
  const { logger, lines } = logLines();
  const app = await startTestApp(server.url, { streams: [OrdersStream], logger });
  const failures = (): string[] => lines.filter((line) => line.includes('failed without an error callback'));
  return { client: app.get(NatsJetStreamClientProxy), failures };
};

describe('emit', () => {
  it('logs a failure if the subscriber has no error callback, and does not end the process', async () => {
    const { client, failures } = await startClient();
    const subscribe: ((emitted: ReturnType<typeof client.emit>) => unknown)[] = [
      (emitted) => emitted.subscribe((ack) => ack),
      (emitted) => emitted.subscribe(),
      (emitted) => emitted.subscribe({ next: (ack) => ack }),
      (emitted) => emitted.subscribe({ complete: () => undefined }),
      (emitted) => emitted.pipe(map((ack) => ack)).subscribe((ack) => ack),
      (emitted) =>
        emitted
          .pipe(
            filter(() => true),
            tap(() => undefined),
          )
          .pipe(map((ack) => ack))
          .subscribe(),
    ];

    const uncaught = await uncaughtDuring(async () => {
      for (const [at, act] of subscribe.entries()) act(client.emit(`unstored.${at}`, {}));
      await eventually('every failure is logged', () => failures().length === subscribe.length);
    });

    expect(uncaught).toEqual([]);
    // Each failure follows an answer of its own, so they come in any order.
    expect(failures().toSorted()).toEqual(
      subscribe.map((_, at) => expect.stringMatching(`'unstored.${at}' \\(message id [\\w-]{36}\\)`)),
    );
  });

  it('passes the error to each error callback and logs nothing', async () => {
    const { client, failures } = await startClient();
    const errors: unknown[] = [];
    const keep = (error: unknown): void => void errors.push(error);
    const emitted = client.emit('unstored', {});
    emitted.subscribe({ error: keep });
    emitted.pipe(map((ack) => ack)).subscribe({ error: keep });
    await expect(lastValueFrom(emitted)).rejects.toMatchObject({ code: 'NO_STREAM_FOR_SUBJECT' });
    await expect(lastValueFrom(emitted)).rejects.toMatchObject({ code: 'NO_STREAM_FOR_SUBJECT' });

    expect(errors).toEqual([
      expect.objectContaining({ code: 'NO_STREAM_FOR_SUBJECT' }),
      expect.objectContaining({ code: 'NO_STREAM_FOR_SUBJECT' }),
    ]);
    expect(failures()).toEqual([]);
  });

  it('logs a failure without a subscriber, even if the event was refused before sending', async () => {
    const { client, failures } = await startClient();
    const pattern: string = 'order.*';
    client.emit(pattern, {});
    client.emit(Symbol('order') as never, {});

    await eventually('every failure is logged', () => failures().length === 2);
    expect(failures()).toEqual([
      expect.stringContaining("The event for 'order.*' failed without an error callback: InvalidSubjectError"),
      expect.stringContaining("The event for 'Symbol(order)' failed without an error callback: InvalidSubjectError"),
    ]);
  });

  it('passes the PubAck to all subscribers', async () => {
    const { client } = await startClient();
    const acks: unknown[] = [];
    const emitted = client.emit(ORDER_CREATED, order(1));
    emitted.subscribe((ack) => acks.push(ack));
    emitted.pipe(map((ack) => ack)).subscribe({ next: (ack) => acks.push(ack) });
    await lastValueFrom(emitted);
    emitted.subscribe((ack) => acks.push(ack));

    expect(acks).toEqual(Array.from({ length: 3 }, () => ({ stream: 'ORDERS', seq: 1, duplicate: false })));
  });
});
