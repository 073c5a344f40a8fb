import { inspect } from 'node:util';
import { EMPTY, NEVER, Observable, concat, of, throwError, timer } from 'rxjs';
import {
  Outcome,
  RetryError,
  TerminateError,
  type JetStreamConsumerOptions,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { eventually } from '../../support/eventually';
import { startTestServer, type TestServer } from '../../support/nats-server';
import { reasonOf, startOrdersService, type Handle, type OrdersService } from './support/orders-service';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});

interface Given {
  readonly handle: Handle;
  readonly options?: JetStreamConsumerOptions;
}

async function outcome({ handle, options = {} }: Given) {
  const service = await startOrdersService(server.url, handle, options);
  const sequence = await service.publishRaw('{"id":1}');
  const result = await service.resultOf(sequence);
  return { service, sequence, result };
}

describe('settlement - a handler that succeeds in any form - acknowledged after one run', () => {
  it.each<[what: string, given: Given]>([
    ['returns nothing', { handle: () => undefined }],
    ['returns an Observable with one value', { handle: () => of(1) }],
    ['returns an empty Observable', { handle: () => EMPTY }],
    ['returns an Observable with several values', { handle: () => of(1, 2, 3) }],
    ['returns a slow Observable', { handle: () => timer(20) }],
    ['returns a promise of an Observable', { handle: async () => of(1) }],
    ['returns a thenable', { handle: () => thenable((resolve) => resolve(1)) }],
    ['returns a frozen object', { handle: () => Object.freeze({}) }],
    ['returns a cycle', { handle: () => inspectCycle() }],
    ['returns an Error without throwing it', { handle: () => new Error('as a value') }],
    ['acknowledges twice', { handle: async (_, context) => [await context.ack(), await context.ack()] }],
    ['acknowledges, then retries', { handle: async (_, context) => [await context.ack(), await context.retry()] }],
    ['acknowledges twice through the message', { handle: (_, { message }) => [message.ack(), message.ack()] }],
    ['acknowledges, then naks the message', { handle: (_, { message }) => [message.ack(), message.nak()] }],
    ['acknowledges, then terms the message', { handle: (_, { message }) => [message.ack(), message.term('x')] }],
    ['acknowledges, then sends working', { handle: (_, { message }) => [message.ack(), message.working()] }],
    ['acknowledges, then throws', { handle: acknowledgesThenThrows }],
    [
      'acknowledges with ackAck, twice',
      { handle: async (_, { message }) => [await message.ackAck(), await message.ackAck()] },
    ],
  ])('%s', async (_what, given) => {
    const { service, sequence, result } = await outcome(given);
    expect(result).toEqual({ is: 'handled', event: { id: 1 } });
    expect(service.runs(sequence)).toBe(1);
    await service.expectAlive();
  });
});

function thenable(then: (resolve: (value: unknown) => void) => void): object {
  return new Proxy({}, { get: (_, key) => (key === 'then' ? then : undefined) });
}

function inspectCycle(): object {
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  return cycle;
}

async function acknowledgesThenThrows(_event: unknown, context: NatsJetStreamContext): Promise<never> {
  await context.ack();
  throw new Error('after the settlement');
}

function throwing(value: unknown): Given {
  return {
    handle: () => {
      throw value;
    },
  };
}

describe('15: settlement - a handler that fails in any way - delivered maxDeliver times, then dead-lettered with the bytes and a one-line reason', () => {
  const long = new Error('long');
  long.stack = 's'.repeat(1_048_576);
  const hostile = Object.create(Error.prototype, {
    message: { get: () => throwing('').handle(undefined, undefined as never) },
    stack: { get: () => throwing(new Error('stack')).handle(undefined, undefined as never) },
    name: { value: 7 },
  }) as object;
  const cyclic = new Error('cyclic');
  cyclic.cause = cyclic;
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const revokedFunction = Proxy.revocable(() => 1, {});
  revokedFunction.revoke();

  it.each<[what: string, given: Given, reason: string | RegExp]>([
    ['throws null', throwing(null), /null was thrown/],
    ['throws undefined', throwing(undefined), /undefined was thrown/],
    ['throws a string', throwing('no'), /^no$/],
    ['throws an empty string', throwing(''), 'an empty string was thrown'],
    ['throws a number', throwing(7), '7 was thrown'],
    ['throws a symbol', throwing(Symbol('s')), 'Symbol(s) was thrown'],
    ['throws a BigInt', throwing(1n), '1 was thrown'],
    ['throws a function', throwing(() => 1), 'a function was thrown'],
    ['throws a frozen error', throwing(Object.freeze(new Error('frozen'))), 'frozen'],
    ['throws an object without a prototype', throwing(Object.create(null)), 'an object without a message was thrown'],
    ['throws a proxy', throwing(new Proxy(new Error('proxied'), {})), 'proxied'],
    ['throws a revoked proxy', throwing(revoked.proxy), 'an object without a message was thrown'],
    ['throws a revoked function', throwing(revokedFunction.proxy), 'a function was thrown'],
    ['throws an error whose getters throw', throwing(hostile), /thrown/],
    ['throws an error with a stack of 1 MB', throwing(long), 'long'],
    ['throws an error with a message of 100 KB', throwing(new Error('m'.repeat(100_000))), /^m{4000}…$/],
    [
      'throws an error with line breaks and an injected header',
      throwing(new Error('a\r\nNats-Rollup: all\r\n\r\nb')),
      'a Nats-Rollup: all b',
    ],
    ['throws an error with non-ASCII text', throwing(new Error('заказ 🚀')), 'заказ 🚀'],
    ['throws an error without a message', throwing(new Error('')), /Error|thrown/],
    ['throws an error that is its own cause', throwing(cyclic), 'cyclic'],
    [
      'throws several errors at once',
      throwing(new AggregateError([new Error('a'), new Error('b')], 'two')),
      'AggregateError: two',
    ],
    ['throws a promise', throwing(Promise.resolve(1)), 'an object without a message was thrown'],
    ['throws a promise that rejects', { handle: throwsRejected }, 'an object without a message was thrown'],
    ['throws an Observable', throwing(of(1)), 'an object without a message was thrown'],
    ['rejects', { handle: async () => Promise.reject(new Error('rejected')) }, 'rejected'],
    ['rejects with nothing', { handle: async () => Promise.reject(undefined) }, /undefined was thrown/],
    ['an Observable that fails', { handle: () => throwError(() => new Error('from rxjs')) }, 'from rxjs'],
    [
      'an Observable that fails after a value',
      {
        handle: () =>
          concat(
            of(1),
            throwError(() => new Error('late')),
          ),
      },
      'late',
    ],
    [
      'an Observable that throws on subscription',
      { handle: () => new Observable(throwing(new Error('at once')).handle as never) },
      'at once',
    ],
    [
      'a thenable that throws',
      { handle: () => thenable(() => throwing(new Error('then')).handle(undefined, undefined as never)) },
      'then',
    ],
    [
      'a RetryError with an invalid delay',
      throwing(new RetryError('x', { delay: -1 })),
      "InvalidOptionError: Option 'delay' cannot be -1. Pass milliseconds as a whole number above 0, or a string such as '30s'.",
    ],
    [
      'Outcome.retry with NaN',
      { handle: () => Outcome.retry({ delay: Number.NaN }) },
      /^InvalidOptionError: Option 'delay' cannot be NaN/,
    ],
    [
      'message.nak(-1)',
      { handle: (_, { message }) => message.nak(-1) },
      "InvalidOptionError: Option 'delay' cannot be -1. Pass a number of milliseconds, from 0 up.",
    ],
    [
      'message.nak(NaN)',
      { handle: (_, { message }) => message.nak(Number.NaN) },
      "InvalidOptionError: Option 'delay' cannot be NaN. Pass a number of milliseconds, from 0 up.",
    ],
    [
      'never ends, and times out',
      { handle: () => NEVER, options: { timeout: 50 } },
      "HandlerTimeoutError: Inputs.handle did not finish within 50 ms. Raise its 'timeout', or stop its work when context.signal is aborted.",
    ],
    ['rejects after its timeout', { handle: rejectsLate, options: { timeout: 20 } }, /^HandlerTimeoutError/],
    ['settles after its timeout', { handle: settlesLate, options: { timeout: 20 } }, /^HandlerTimeoutError/],
  ])('%s', async (_what, given, reason) => {
    const { service, sequence, result } = await outcome(given);
    if (result.is !== 'dead') throw new Error('handled');
    expect(result.deadLetter.string()).toBe('{"id":1}');
    expect(result.deadLetter.header.get('Dead-Letter-Deliveries')).toBe('2');
    expect(service.runs(sequence)).toBe(2);
    const matches =
      typeof reason === 'string' ? reasonOf(result.deadLetter) === reason : reason.test(reasonOf(result.deadLetter));
    expect([matches, reasonOf(result.deadLetter)]).toEqual([true, expect.any(String)]);
    await service.expectAlive();
  });
});

function throwsRejected(): never {
  const rejected = Promise.reject(new Error('inside'));
  rejected.catch(() => undefined);
  // Simulates a missing `await`.
  throw rejected;
}

async function rejectsLate(_event: unknown, { signal }: NatsJetStreamContext): Promise<never> {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  throw new Error('after the timeout');
}

async function settlesLate(_event: unknown, context: NatsJetStreamContext): Promise<void> {
  await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
  // One turn of the event loop later, the nak has been sent.
  await new Promise((resolve) => setImmediate(resolve));
  await context.ack();
}

describe('settlement - a handler that terminates - dead-lettered after one run', () => {
  it.each<[what: string, given: Given, reason: string]>([
    ['a reason with a line break', { handle: () => Outcome.terminate('a\r\nb') }, 'a b'],
    ['a reason of 1 MB', { handle: () => Outcome.terminate('r'.repeat(1_048_576)) }, `${'r'.repeat(4_000)}…`],
    ['no reason', { handle: () => Outcome.terminate(undefined) }, 'undefined was thrown'],
    ['TerminateError', { handle: throwsTerminate }, 'TerminateError: not ours'],
    ['context.terminate, then a throw', { handle: terminatesThenThrows }, 'not ours'],
    [
      'context.terminate twice',
      { handle: async (_, context) => [await context.terminate('not ours'), await context.terminate('again')] },
      'not ours',
    ],
  ])('%s', async (_what, given, reason) => {
    const { service, sequence, result } = await outcome(given);
    if (result.is !== 'dead') throw new Error('handled');
    expect(reasonOf(result.deadLetter)).toBe(reason);
    expect(result.deadLetter.string()).toBe('{"id":1}');
    expect(service.runs(sequence)).toBe(1);
    await service.expectAlive();
  });
});

function throwsTerminate(): never {
  throw new TerminateError('not ours');
}

async function terminatesThenThrows(_event: unknown, context: NatsJetStreamContext): Promise<never> {
  await context.terminate('not ours');
  throw new Error('after the settlement');
}

describe('settlement - a delay above the maximum of a timer - waits instead of retrying at once', () => {
  it.each<[what: string, handle: Handle]>([
    ['message.nak(2^53)', (_, { message }) => message.nak(2 ** 53)],
    ['message.nak(Infinity)', (_, { message }) => message.nak(Number.POSITIVE_INFINITY)],
    ['Outcome.retry of 2^53 - 1 ms', () => Outcome.retry({ delay: Number.MAX_SAFE_INTEGER })],
    ['Outcome.retry of 25 days', () => Outcome.retry({ delay: '25d' })],
  ])('%s', async (_what, handle) => {
    const service = await startOrdersService(server.url, handle);
    const sequence = await service.publishRaw('{"id":1}');
    await eventually('ran', () => service.runs(sequence) === 1);
    // A redelivery would arrive before these later messages.
    await expectNext(service);
    await expectNext(service);
    expect(service.runs(sequence)).toBe(1);
    await eventually('only this message is pending', async () => {
      const { num_ack_pending } = await service.jetStream.manager.consumers.info('INPUTS', 'inputs');
      return num_ack_pending === 1;
    });
    expect(service.runs(sequence)).toBe(1);
  });

  it('waits 25 days before it retries an ordered message', async () => {
    const options = { orderBy: () => 'one', retryDelay: () => '25d' as const, maxDeliver: 3 };
    const service = await startOrdersService(server.url, () => Promise.reject(new Error('no')), options);
    const sequence = await service.publishRaw('{"id":1}');
    await eventually('logged', () => inspect(service.logged).includes('Retrying in'));
    for (let turn = 0; turn < 20; turn++) await service.jetStream.connection.flush();
    expect(service.runs(sequence)).toBe(1);
  });
});

async function expectNext(service: OrdersService): Promise<void> {
  const sequence = await service.publishRaw('"the next"');
  await eventually('handled', () => service.runs(sequence) === 1);
}
