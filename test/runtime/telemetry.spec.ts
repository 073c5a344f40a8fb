import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  TerminateError,
  type ProcessObserver,
  type Telemetry,
  type TelemetryDelivery,
  type TelemetryOutcome,
} from '@nest-jetstream/transport';
import { eventually } from '../support/eventually';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

type Handle = (event: OrderCreatedEvent) => unknown;

function controllerThat(handle: Handle) {
  @Controller()
  class Orders {
    @JetStreamConsumer(ORDER_CREATED, { durable: 'orders', retryDelay: 10 })
    async handle(@Payload() event: OrderCreatedEvent): Promise<unknown> {
      return handle(event);
    }
    @MessagePattern('total.orders')
    total(): number {
      return 7;
    }
  }
  return Orders;
}

/** Records the results of all runs. */
class Recording implements Telemetry {
  readonly runs: { delivery: TelemetryDelivery; outcomes: readonly TelemetryOutcome[]; failure: unknown }[] = [];
  processing(delivery: TelemetryDelivery): ProcessObserver {
    return { ended: (outcomes, failure) => void this.runs.push({ delivery, outcomes, failure }) };
  }
}

const throwing: Required<Omit<Telemetry, 'isActive'>> = {
  publishing: () => fail('publishing'),
  processing: () => fail('processing'),
  deadLettering: () => fail('deadLettering'),
  requesting: () => fail('requesting'),
  responding: () => fail('responding'),
  watching: () => fail('watching'),
};

/** Observers that throw later than the telemetry itself. */
class ThrowingObservers implements Telemetry {
  publishing() {
    return { retrying: () => fail('r'), stored: () => fail('s'), failed: () => fail('f'), headers: { 'a b': 'c' } };
  }
  processing() {
    return { run: () => fail('run'), ended: () => fail('ended') };
  }
  requesting() {
    return { ended: () => fail('ended'), headers: { 'Nats-Msg-Id': 'x' } };
  }
  responding() {
    return { run: () => fail('run'), ended: () => fail('ended') };
  }
}

function fail(what: string): never {
  throw new Error(`telemetry: ${what}`);
}

/** Fails as soon as it is asked. */
class ThrowingState extends Recording {
  isActive = (): boolean => fail('isActive');
}

describe('telemetry', () => {
  let url: string;
  let jetStream: JetStreamProbe;
  beforeEach(async () => {
    ({ url } = await startTestServer());
    jetStream = await probe(url);
  });

  it('reports the outcome of each run', async () => {
    const recording = new Recording();
    const failures: unknown[] = [new Error('first'), undefined, new TerminateError('broken')];
    const handle = (): void => {
      const failure = failures.shift();
      if (failure) throw failure;
    };
    const app = await startTestApp(url, {
      controllers: [controllerThat(handle)],
      streams: [OrdersStream],
      telemetry: [recording],
    });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(1));
    await eventually('the first message is handled', () => recording.runs.length === 2);
    await client.emitAsync(ORDER_CREATED, order(2));
    await eventually('the second message is dead-lettered', () => recording.runs.length === 3);

    expect(recording.runs.map(({ outcomes }) => outcomes)).toEqual([['retry'], ['ack'], ['dead_letter']]);
    const [{ delivery, failure } = fail('no run')] = recording.runs;
    expect(failure).toEqual(new Error('first'));
    expect(delivery).toMatchObject({ stream: 'ORDERS', durable: 'orders', pattern: 'order.created', isBatch: false });
    expect(delivery.messages).toMatchObject([{ subject: 'order.created', seq: 1, attempt: 1 }]);
  });

  it('is skipped while it is not active', async () => {
    const recording = Object.assign(new Recording(), { isActive: (): boolean => false });
    const handled: number[] = [];
    const app = await startTestApp(url, {
      controllers: [controllerThat(({ id }) => void handled.push(id))],
      streams: [OrdersStream],
      telemetry: [recording],
    });
    const client = app.get(NatsJetStreamClientProxy);
    await client.emitAsync(ORDER_CREATED, order(1));
    await eventually('the first message is handled', () => handled.length === 1);
    recording.isActive = () => true;
    await client.emitAsync(ORDER_CREATED, order(2));
    await eventually('the second message is handled', () => recording.runs.length === 1);
    expect(recording.runs.map(({ delivery }) => delivery.messages[0]?.seq)).toEqual([2]);
  });

  it.each([
    ['itself', throwing],
    ['in its observers', new ThrowingObservers()],
    ['in isActive', new ThrowingState()],
  ])('logs once a telemetry that throws %s, and handles messages and requests', async (_, telemetry) => {
    const handled: number[] = [];
    const { logger, lines } = logLines();
    const app = await startTestApp(url, {
      controllers: [controllerThat(({ id }) => void handled.push(id))],
      streams: [OrdersStream],
      telemetry: [telemetry],
      logger,
    });
    const client = app.get(NatsJetStreamClientProxy);
    for (const id of [1, 2]) await client.emitAsync(ORDER_CREATED, order(id));
    expect(await client.request('total.orders', {})).toBe(7);
    await eventually('all messages are handled', () => handled.length === 2);

    await eventually('all messages are acknowledged', async () => {
      const { ack_floor } = await jetStream.manager.consumers.info('ORDERS', 'orders');
      return ack_floor.stream_seq === 2;
    });
    expect(lines.filter((line) => line.includes('Messages are not affected'))).toHaveLength(1);
  });
});
