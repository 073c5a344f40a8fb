import { Controller, Catch, UseFilters, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { ClientProxyFactory, MessagePattern, RpcException, Transport } from '@nestjs/microservices';
import { NatsJetStreamClientProxy, NatsJetStreamServer, ReplyNotSentError } from '@nest-jetstream/transport';
import { concat, finalize, lastValueFrom, NEVER, of, throwError, toArray, type Observable } from 'rxjs';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

const cycle: Record<string, unknown> = {};
cycle['itself'] = cycle;

const ANSWERS: Record<string, () => unknown> = {
  large: () => 'x'.repeat(1_100_000),
  'a BigInt': () => ({ total: 1n }),
  'a cycle': () => cycle,
  'a throwing toJSON': () => ({
    toJSON() {
      throw new Error('not today');
    },
  }),
};

let unsubscribed = 0;
let runs = 0;

@Catch()
class PassingFilter implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

@Catch()
class HttpFilter implements ExceptionFilter {
  catch(_error: unknown, host: ArgumentsHost): void {
    host.switchToHttp().getResponse<{ status(code: number): void }>().status(500);
  }
}

@Controller()
class Answers {
  @MessagePattern('answer.of')
  answer(kind: string): unknown {
    return ANSWERS[kind]?.();
  }
  @MessagePattern('answer.ok')
  ok(): string {
    runs++;
    return 'ok';
  }
  @MessagePattern('answer.stream')
  stream(): Observable<unknown> {
    return concat(of(1, 2, 3n, 4), NEVER).pipe(finalize(() => unsubscribed++));
  }
  @MessagePattern('answer.error')
  error(): never {
    throw new RpcException({ code: 'TAKEN', total: 1n });
  }
  @UseFilters(HttpFilter)
  @MessagePattern('answer.filtered')
  filtered(): never {
    throw new Error('out of stock');
  }
  @UseFilters(PassingFilter)
  @MessagePattern('answer.thrown')
  thrown(): never {
    throw new Error('out of stock');
  }
}

describe('Reply that cannot be sent', () => {
  let server: TestServer;
  let client: NatsJetStreamClientProxy;
  let lines: string[];

  beforeEach(async () => {
    server = await startTestServer();
    const log = logLines();
    lines = log.lines;
    const app = await startTestApp(server.url, { controllers: [Answers], logger: log.logger });
    client = app.get(NatsJetStreamClientProxy);
    unsubscribed = 0;
    runs = 0;
  });

  it.each([
    ['large', /it has 1100\d+ bytes, and max_payload of the server is 1048576/],
    ['a BigInt', /it is not JSON .*BigInt/],
    ['a cycle', /it is not JSON .*circular/],
    ['a throwing toJSON', /it is not JSON .*not today/],
  ])('fails the request if it is %s', async (kind, reason) => {
    const failure: unknown = await client
      .request('answer.of', kind, { timeout: '5s' })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ReplyNotSentError);
    expect(failure).toMatchObject({
      code: 'REPLY_NOT_SENT',
      value: 'answer.of',
      reason: expect.stringMatching(reason),
    });
    expect(lines.filter((line) => line.includes("'answer.of' could not be sent"))).toHaveLength(1);
    expect(await client.request('answer.ok', {})).toBe('ok');
  });

  it("fails the request of Nest's own client with a code", async () => {
    const nats = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [server.url] } });
    const answer = lastValueFrom(nats.send('answer.of', 'a BigInt'));
    await expect(answer).rejects.toMatchObject({ status: 'error', code: 'REPLY_NOT_SENT' });
    await nats.close();
  });

  it('ends an Observable of several values after those that were sent', async () => {
    const received: unknown[] = [];
    const failure = await new Promise((resolve) => {
      client.send('answer.stream', {}).subscribe({ next: (value) => received.push(value), error: resolve });
    });
    expect(failure).toMatchObject({ code: 'REPLY_NOT_SENT' });
    expect(received).toEqual([1, 2]);
    await eventually('the Observable is unsubscribed', () => unsubscribed === 1);
  });

  it('fails the request if it is in the error of an RpcException', async () => {
    await expect(client.request('answer.error', {})).rejects.toMatchObject({ code: 'REPLY_NOT_SENT' });
  });

  it('contains the message of an Error that a filter passes on', async () => {
    await expect(client.request('answer.thrown', {})).rejects.toEqual({ status: 'error', message: 'out of stock' });
  });

  it('is an internal error if an HTTP filter fails, and both errors are logged', async () => {
    const failing = client.request('answer.filtered', {});
    await expect(failing).rejects.toEqual({ status: 'error', message: 'Internal server error' });
    expect(lines).toEqual(
      expect.arrayContaining([
        "The handler of 'answer.filtered' failed: out of stock.",
        expect.stringMatching(/^An exception filter failed on it: TypeError: /),
      ]),
    );
  });

  it('is ignored for a message without a reply subject, with one warning', async () => {
    const { connection } = await probe(server.url);
    for (const id of ['1', '2']) {
      connection.publish('answer.ok', JSON.stringify({ pattern: 'answer.ok', data: {}, id }));
    }
    await eventually('both handlers ran', () => runs === 2);
    expect(lines.filter((line) => line.includes("'answer.ok' has no reply subject"))).toHaveLength(1);
  });

  it.each(['null', '7', '{', ''])('is an error for the request %j, which is not a packet', async (body) => {
    const { connection } = await probe(server.url);
    const reply = await connection.request('answer.ok', body);
    expect(reply.json()).toMatchObject({ err: { status: 'error' }, isDisposed: true });
    expect(runs).toBe(0);
  });

  it('is an error if a processing hook fails', async () => {
    const log = logLines();
    const other = await startTestServer();
    const app = await startTestApp(other.url, {
      controllers: [Answers],
      logger: log.logger,
      configure: (configured) =>
        configured.get(NatsJetStreamServer).setOnProcessingStartHook(() => {
          throw new Error('no tracer');
        }),
    });
    const request = app.get(NatsJetStreamClientProxy).request('answer.ok', {});
    await expect(request).rejects.toEqual({ status: 'error', message: 'Internal server error' });
    expect(log.lines.join('\n')).toContain('no tracer');
    const all = await lastValueFrom(client.send('answer.ok', {}).pipe(toArray()));
    expect(all).toEqual(['ok']);
  });
});
