import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxyFactory,
  Ctx,
  MessagePattern,
  type NatsContext,
  Payload,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import { NATS_JETSTREAM, NatsJetStreamClientProxy, NatsJetStreamRecordBuilder } from '@nest-jetstream/transport';
import { from, lastValueFrom, NEVER, toArray, type Observable } from 'rxjs';
import { eventually } from '../support/eventually';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

@Controller()
class Sums {
  @MessagePattern('math.sum')
  sum(@Payload() numbers: number[]): number {
    return numbers.reduce((total, number) => total + number, 0);
  }
  @MessagePattern('math.count')
  count(@Payload() to: number): Observable<number> {
    return from(Array.from({ length: to }, (_, at) => at + 1));
  }
  @MessagePattern('math.fail')
  fail(): never {
    throw new RpcException('no sum today');
  }
}

@Controller()
class Echoes {
  @MessagePattern('echo.header')
  header(@Ctx() context: NatsContext): string {
    return context.getHeaders().get('tenant');
  }
  @MessagePattern('echo.never')
  never(): Observable<number> {
    return NEVER;
  }
}

interface Requester {
  send(pattern: string, data: unknown): Observable<unknown>;
}

async function answersOf(client: Requester): Promise<unknown[]> {
  return [
    await lastValueFrom(client.send('math.sum', [1, 2, 3])),
    await lastValueFrom(client.send('math.count', 3).pipe(toArray())),
    await lastValueFrom(client.send('math.fail', 1)).catch((error: unknown) => error),
  ];
}

const ANSWERS = [6, [1, 2, 3], { status: 'error', message: 'no sum today' }];

@Module({ controllers: [Sums] })
class SumsModule {}

describe('Request', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });

  it('is answered by a @MessagePattern handler with one value, several or an error', async () => {
    const app = await startTestApp(server.url, { controllers: [Sums] });
    expect(await answersOf(app.get(NatsJetStreamClientProxy))).toEqual(ANSWERS);
  });

  it("of Nest's own NATS client is answered by this server", async () => {
    await startTestApp(server.url, { controllers: [Sums] });
    const client = ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [server.url] } });
    expect(await answersOf(client)).toEqual(ANSWERS);
    await client.close();
  });

  it("of this client is answered by Nest's own NATS server", async () => {
    const nats = await NestFactory.createMicroservice(SumsModule, {
      transport: Transport.NATS,
      options: { servers: [server.url] },
      logger: false,
    });
    await nats.listen();
    const app = await startTestApp(server.url);
    expect(await answersOf(app.get(NatsJetStreamClientProxy))).toEqual(ANSWERS);
    await nats.close();
  });

  it('fails with the subject if no service answers', async () => {
    const app = await startTestApp(server.url);
    const answer = lastValueFrom(app.get(NatsJetStreamClientProxy).send('math.divide', 1));
    await expect(answer).rejects.toMatchObject({ code: 'NO_RESPONDER', value: 'math.divide' });
  });

  it('can be a promise with headers and a timeout', async () => {
    const app = await startTestApp(server.url, { controllers: [Sums, Echoes] });
    const client = app.get(NatsJetStreamClientProxy);
    expect(await client.request('math.sum', [1, 2, 3])).toBe(6);
    expect(await client.request('echo.header', {}, { headers: { tenant: 'acme' } })).toBe('acme');
    const record = new NatsJetStreamRecordBuilder({}).setHeaders({ tenant: 'other' }).build();
    expect(await lastValueFrom(client.send('echo.header', record))).toBe('other');
    const late = client.request('echo.never', {}, { timeout: 100 });
    await expect(late).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT', timeoutMs: 100 });
    const stored = client.send('math.sum', new NatsJetStreamRecordBuilder([1]).setMessageId('x').build());
    await expect(lastValueFrom(stored)).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(client.request('math.divide', 1)).rejects.toMatchObject({ code: 'NO_RESPONDER' });
  });

  it('is answered once by a service of two instances', async () => {
    let runs = 0;
    @Controller()
    class Counter {
      @MessagePattern('math.runs')
      run(): number {
        return ++runs;
      }
    }
    const app = await startTestApp(server.url, { controllers: [Counter] });
    await startTestApp(server.url, { controllers: [Counter] });
    const client = app.get(NatsJetStreamClientProxy);
    for (let request = 1; request <= 10; request++) await lastValueFrom(client.send('math.runs', {}));
    expect(runs).toBe(10);
  });

  it('is answered once if its handler is bound to this transport, beside the core NATS transport', async () => {
    const runs = { bound: 0, unbound: 0 };
    @Controller()
    class Twice {
      @MessagePattern('math.bound', NATS_JETSTREAM)
      bound(): number {
        return ++runs.bound;
      }
      @MessagePattern('math.unbound')
      unbound(): number {
        return ++runs.unbound;
      }
    }
    const app = await startTestApp(server.url, {
      controllers: [Twice],
      configure: (hybrid) =>
        hybrid.connectMicroservice({ transport: Transport.NATS, options: { servers: [server.url] } }),
    });
    const client = app.get(NatsJetStreamClientProxy);
    await client.request('math.bound', {});
    await client.request('math.unbound', {});
    // Each connection delivers in order, so the second run of the bound handler would come first.
    await eventually('both transports have handled the request', () => runs.unbound === 2);
    expect(runs.bound).toBe(1);
  });
});
