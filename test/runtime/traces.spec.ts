import type { Server } from 'node:http';
import {
  Controller,
  Inject,
  Injectable,
  Post,
  Scope,
  UseGuards,
  UseInterceptors,
  UsePipes,
  type CallHandler,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  type INestApplicationContext,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { headers } from '@nats-io/transport-node';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  defineStream,
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  subject,
  subjectTemplate,
  TerminateError,
} from '@nest-jetstream/transport';
import { openTelemetry } from '@nest-jetstream/transport/opentelemetry';
import { defer, delay, of, type Observable } from 'rxjs';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ancestry, registerTracing, spansOf } from '../support/tracing';

interface Work {
  id: number;
}

const PLACED = subject<Work>()('trace.placed');
const PAID = subject<Work>()('trace.paid');
const ORDERED = subject<Work>()('trace.ordered');
const BATCHED = subject<Work>()('trace.batched');
const FAILING = subject<Work>()('trace.failing');
const SHIPPED = subjectTemplate<Work>()('trace.shipped.:region');

const Traced = defineStream({
  name: 'TRACED',
  subjects: ['trace.>'],
  events: { PLACED, PAID, ORDERED, BATCHED, FAILING, SHIPPED },
  allowAtomic: true,
});

const { exporter } = registerTracing();
const tracer = trace.getTracer('test');

/** Name of the active span at each step of a handler. */
const seen: [step: string, span: string | undefined][] = [];
function see(step: string): void {
  const active = trace.getActiveSpan() as ReadableSpan | undefined;
  seen.push([step, active?.name]);
}

@Injectable()
class SeeingGuard implements CanActivate {
  canActivate(): boolean {
    see('guard');
    return true;
  }
}

@Injectable()
class SeeingPipe implements PipeTransform {
  transform(value: unknown): unknown {
    see('pipe');
    return value;
  }
}

@Injectable()
class SeeingInterceptor implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    see('interceptor');
    return next.handle();
  }
}

@Controller({ path: 'orders', scope: Scope.REQUEST })
class Orders {
  constructor(@Inject(NatsJetStreamClientProxy) private readonly client: NatsJetStreamClientProxy) {}

  @Post()
  async place(): Promise<void> {
    await this.client.emitAsync(PLACED, { id: 1 });
  }

  @UseGuards(SeeingGuard)
  @UsePipes(SeeingPipe)
  @UseInterceptors(SeeingInterceptor)
  @JetStreamConsumer(PLACED, { durable: 'placed' })
  placed(@Payload() { id }: Work): Observable<unknown> {
    return defer(async () => {
      see('observable');
      await this.client.emitAsync(PAID, { id });
    });
  }

  @JetStreamConsumer(PAID, { durable: 'paid' })
  async paid(): Promise<void> {
    see('handler');
  }
}

let orderedRuns = 0;
let failingRuns = 0;
let isMended = false;

@Controller()
class Others {
  @JetStreamConsumer(ORDERED, { durable: 'ordered', orderBy: ({ id }: Work) => String(id), retryDelay: 1 })
  async ordered(): Promise<void> {
    see('ordered');
    if (++orderedRuns === 1) throw new Error('once');
  }

  @JetStreamConsumer(BATCHED, { durable: 'batched', batch: { size: 3, timeout: 5_000 } })
  async batched(): Promise<void> {
    see('batched');
  }

  @JetStreamConsumer(FAILING, { durable: 'failing', retryDelay: 1, maxDeliver: 5 })
  async failing(): Promise<void> {
    see('failing');
    if (isMended) return;
    if (++failingRuns === 1) throw new RangeError('secret text of the failure');
    throw new TerminateError('broken');
  }

  @JetStreamConsumer('trace.shipped.*', { durable: 'shipped' })
  async shipped(): Promise<void> {
    see('shipped');
  }

  @MessagePattern('price.of')
  price(): Observable<number> {
    see('request');
    return of(7).pipe(delay(1));
  }

  @MessagePattern('price.unknown')
  unknownPrice(): number {
    throw new RangeError('no price');
  }
}

const spans = (): ReadableSpan[] => exporter.getFinishedSpans();
const only = (name: string, at = 0): ReadableSpan => {
  const span = spansOf(spans(), name)[at];
  if (!span) throw new Error(`There is no span '${name}' in ${JSON.stringify(spans().map((each) => each.name))}.`);
  return span;
};
const untilEnded = async (name: string, count = 1): Promise<void> =>
  eventually(`span '${name}' has ended`, () => spansOf(spans(), name).length >= count);
const inTrace = async <T>(name: string, work: () => Promise<T>): Promise<T> =>
  tracer.startActiveSpan(name, async (span) => work().finally(() => span.end()));
const linked = (span: ReadableSpan): string[] => span.links.map(({ context: { spanId } }) => spanId);
const idOf = (span: ReadableSpan): string => span.spanContext().spanId;
const traceOf = (span: ReadableSpan): string => span.spanContext().traceId;

describe('openTelemetry', () => {
  let app: INestApplicationContext;
  let client: NatsJetStreamClientProxy;

  /** Starts an app for all cases of a test, because each case has its own subject. */
  async function start(url: string, options: Parameters<typeof openTelemetry>[0] = {}): Promise<void> {
    app = await startTestApp(url, {
      id: 'shop',
      controllers: [Orders, Others],
      streams: [Traced],
      telemetry: [openTelemetry(options)],
      configure: (created) =>
        created.use((_: unknown, response: { on(event: string, call: () => void): void }, next: () => void) => {
          tracer.startActiveSpan('POST /orders', { kind: SpanKind.SERVER }, (span) => {
            response.on('finish', () => span.end());
            next();
          });
        }),
    });
    client = app.get(NatsJetStreamClientProxy);
  }

  beforeEach(() => {
    exporter.reset();
    seen.length = 0;
  });

  it('keeps one trace over HTTP, events, guards, pipes, interceptors, Observables and request scope', async () => {
    await start((await startTestServer()).url);
    const server = (app as INestApplication).getHttpServer() as Server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await fetch(`http://127.0.0.1:${port}/orders`, { method: 'POST' });
    await untilEnded('process trace.paid');
    await untilEnded('process trace.placed');

    expect(ancestry(only('process trace.paid'), spans())).toEqual([
      'process trace.paid',
      'publish trace.paid',
      'process trace.placed',
      'publish trace.placed',
      'POST /orders',
    ]);
    expect(seen).toEqual([
      ['guard', 'process trace.placed'],
      ['interceptor', 'process trace.placed'],
      ['pipe', 'process trace.placed'],
      ['observable', 'process trace.placed'],
      ['handler', 'process trace.paid'],
    ]);
    const published = only('publish trace.placed');
    expect(published.kind).toBe(SpanKind.PRODUCER);
    expect(published.attributes).toEqual({
      'messaging.system': 'nats',
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'trace.placed',
      'messaging.client.id': 'shop',
      'server.address': '127.0.0.1',
      'server.port': expect.any(Number),
      'nats.stream.name': 'TRACED',
      'nats.stream.sequence': 1,
    });
    const processed = only('process trace.placed');
    expect(processed.kind).toBe(SpanKind.CONSUMER);
    expect(processed.attributes).toMatchObject({
      'messaging.system': 'nats',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'trace.placed',
      'messaging.consumer.group.name': 'placed',
      'messaging.message.id': expect.any(String),
      'nats.stream.name': 'TRACED',
      'nats.stream.sequence': 1,
      'nats.delivery.count': 1,
      'nats.outcome': 'ack',
    });
    expect(processed.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('traces retries, batches, dead letters, redrives, templates and requests', async () => {
    await start((await startTestServer()).url);
    await inTrace('order', async () => client.emitAsync(ORDERED, { id: 1 }));
    await untilEnded('process trace.ordered', 2);
    const [failed, repeated] = spansOf(spans(), 'process trace.ordered');
    expect(failed?.attributes).toMatchObject({
      'nats.outcome': 'retry',
      'error.type': 'Error',
      'nats.delivery.count': 1,
    });
    expect(repeated?.attributes).toMatchObject({ 'nats.outcome': 'ack', 'nats.delivery.count': 2 });
    for (const span of [failed, repeated])
      expect(ancestry(span ?? only(''), spans())).toEqual(['process trace.ordered', 'publish trace.ordered', 'order']);

    await inTrace('batch', async () =>
      client.emitAll([
        [BATCHED, { id: 1 }],
        [BATCHED, { id: 2 }],
        [BATCHED, { id: 3 }],
      ]),
    );
    await untilEnded('process trace.batched');
    const batch = only('publish trace.batched');
    expect(batch.attributes['messaging.batch.message_count']).toBe(3);
    const batched = only('process trace.batched');
    expect(batched.attributes).toMatchObject({ 'messaging.batch.message_count': 3, 'nats.outcome': ['ack'] });
    expect(batched.parentSpanContext).toBeUndefined();
    expect(linked(batched)).toEqual([idOf(batch), idOf(batch), idOf(batch)]);
    expect(seen.at(-1)).toEqual(['batched', 'process trace.batched']);

    const { seq } = await inTrace('fail', async () => client.emitAsync(FAILING, { id: 1 }));
    await untilEnded('process trace.failing', 2);
    const [retried, dead] = spansOf(spans(), 'process trace.failing');
    expect(retried?.attributes).toMatchObject({ 'nats.outcome': 'retry', 'error.type': 'RangeError' });
    expect(retried?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'secret text of the failure' });
    expect(retried?.events.map(({ name }) => name)).toEqual(['exception']);
    expect(dead?.attributes).toMatchObject({ 'nats.outcome': 'dead_letter', 'error.type': 'TerminateError' });
    expect(ancestry(dead ?? only(''), spans())).toEqual(['process trace.failing', 'publish trace.failing', 'fail']);

    isMended = true;
    await inTrace('repair', async () => app.get(JetStreamAdmin).redrive('TRACED', 'failing', seq));
    await untilEnded('process trace.failing', 3);
    const redrive = only('redrive trace.failing');
    expect(redrive.kind).toBe(SpanKind.PRODUCER);
    expect(redrive.parentSpanContext).toBeUndefined();
    expect(linked(redrive)).toEqual([idOf(only('publish trace.failing')), idOf(only('repair'))]);
    const redriven = only('process trace.failing', 2);
    expect(ancestry(redriven, spans())).toEqual(['process trace.failing', 'redrive trace.failing']);

    await client.emitAsync(SHIPPED.for({ region: 'eu-42' }), { id: 1 });
    await untilEnded('process trace.shipped.*');
    expect(only('publish trace.shipped.*').attributes).toMatchObject({
      'messaging.destination.name': 'trace.shipped.eu-42',
      'messaging.destination.template': 'trace.shipped.*',
    });

    await inTrace('ask', async () => client.request('price.of', {}));
    await untilEnded('respond price.of');
    expect(ancestry(only('respond price.of'), spans())).toEqual(['respond price.of', 'request', 'ask']);
    expect([only('request').kind, only('respond price.of').kind]).toEqual([SpanKind.CLIENT, SpanKind.SERVER]);
    expect(seen.at(-1)).toEqual(['request', 'respond price.of']);
    await expect(client.request('price.unknown', {})).rejects.toMatchObject({ status: 'error' });
    await untilEnded('respond price.unknown');
    expect(only('respond price.unknown').attributes['error.type']).toBe('RangeError');
    expect(only('request', 1).status.code).toBe(SpanStatusCode.ERROR);
  });

  it('has one span for all attempts of an event', async () => {
    const proxy = await startProxy((await startTestServer()).url);
    await start(proxy.url);
    const lost = proxy.loseOne('toClient', ({ payload }) => payload.startsWith('{"stream":"TRACED"'));
    const publishing = client.emitAsync(PAID, { id: 1 }, { timeout: 1_000 });
    await lost;
    await publishing;
    expect(spansOf(spans(), 'publish trace.paid')).toHaveLength(1);
    const published = only('publish trace.paid');
    expect(published.events[0]).toMatchObject({ name: 'retry', attributes: { 'nats.publish.attempt': 2 } });
    expect(published.attributes).toMatchObject({ 'nats.duplicate': true, 'nats.stream.sequence': 1 });
    expect(published.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('links old messages and batches, reads headers in any case, and keeps a foreign traceparent', async () => {
    const { url } = await startTestServer();
    await start(url, { parentUntil: '1s' });
    const { client: nats, connection } = await probe(url);
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
    const goHeaders = headers();
    goHeaders.set('Traceparent', traceparent);
    await nats.publish('trace.paid', '{"id":1}', { headers: goHeaders });
    await untilEnded('process trace.paid');
    expect(traceOf(only('process trace.paid'))).toBe(traceId);
    expect(connection.isClosed()).toBe(false);

    client.setOnDispatchHook((packet) => {
      packet.metadata = { traceparent };
    });
    await inTrace('own', async () => client.emitAsync(PAID, { id: 2 }));
    client.setOnDispatchHook(() => undefined);
    await untilEnded('process trace.paid', 2);
    expect(traceOf(only('process trace.paid', 1))).toBe(traceId);
    expect(linked(only('publish trace.paid'))).toEqual(['b7ad6b7169203331']);
    expect(traceOf(only('publish trace.paid'))).toBe(traceOf(only('own')));
  });

  const MINUTE_MS = 60_000;

  it.each([
    ['parentUntil: 0', { parentUntil: 0 }, 0],
    ['the default of 10 minutes, 11 minutes later', {}, 11 * MINUTE_MS],
  ] as const)('begins a new trace with a link for an older message, with %s', async (_, options, laterMs) => {
    const { url } = await startTestServer();
    const { client: nats, manager } = await probe(url);
    await manager.streams.add({ name: 'TRACED', subjects: ['trace.>'], allow_atomic: true });
    const stored = headers();
    stored.set('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    await nats.publish('trace.paid', '{"id":1}', { headers: stored });
    // The message keeps its time, and the clock of the handler's process moves.
    const now = Date.now.bind(Date);
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + laterMs);
    try {
      await start(url, options);
      await untilEnded('process trace.paid');
    } finally {
      clock.mockRestore();
    }
    const span = only('process trace.paid');
    expect(span.parentSpanContext).toBeUndefined();
    expect(linked(span)).toEqual(['b7ad6b7169203331']);
    expect(traceOf(span)).not.toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it.each([
    ['continues the trace', 10 * MINUTE_MS - 1, true],
    ['begins a new one', 10 * MINUTE_MS, false],
  ])('%s of a message that is %i ms old', (_, ageMs, isParent) => {
    const [spansOfHandlers] = openTelemetry();
    const nowMs = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(nowMs);
    const stored = headers();
    stored.set('traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    const observer = spansOfHandlers?.processing?.({
      service: {
        id: 'shop',
        connection: undefined,
        server: undefined,
        connectionStatus: 'connected',
        consumers: [],
      } as never,
      stream: 'TRACED',
      durable: 'paid',
      handler: 'Orders.paid',
      pattern: 'trace.paid',
      isBatch: false,
      messages: [{ subject: 'trace.paid', seq: 1, time: new Date(nowMs - ageMs), headers: stored, attempt: 1 }],
    });
    clock.mockRestore();
    observer?.ended?.(['ack'], undefined);
    const span = only('process trace.paid');
    expect(span.parentSpanContext?.spanId).toBe(isParent ? 'b7ad6b7169203331' : undefined);
    expect(linked(span)).toEqual(isParent ? [] : ['b7ad6b7169203331']);
  });

  it.each([
    [false, ''],
    [true, 'tenant=acme'],
  ])('sends the baggage only with baggage: true (%s)', async (baggage, expected) => {
    const { url } = await startTestServer();
    await start(url, { baggage });
    const { manager } = await probe(url);
    const withBaggage = propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage({ tenant: { value: 'acme' } }));
    await context.with(withBaggage, async () => client.emitAsync(PAID, { id: 1 }));
    const message = await manager.streams.getMessage('TRACED', { seq: 1 });
    expect(message?.header.get('baggage')).toBe(expected);
    expect(message?.header.get('traceparent')).toMatch(/^00-/);
  });
});
