import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, NatsRecordBuilder, Payload, type NatsContext } from '@nestjs/microservices';
import { NatsJetStreamClientProxy, NatsJetStreamRecordBuilder } from '@nest-jetstream/transport';
import { headers } from '@nats-io/transport-node';
import { firstValueFrom, lastValueFrom, NEVER, type Observable } from 'rxjs';
import { createClient } from '../support/clients';
import { startConfiguredServer } from '../support/configured-server';
import { eventually } from '../support/eventually';
import { probe } from '../support/jetstream-probe';
import { startProxy } from '../support/nats-proxy';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

const configuration = (permissions: string): string => `
jetstream {}
no_auth_user: test
authorization { users: [
  { user: test, password: test }
  { user: shop, password: shop, permissions: ${permissions} }
] }`;

@Controller()
class Echoes {
  @MessagePattern('echo')
  echo(@Payload() data: unknown, @Ctx() context: NatsContext): unknown {
    return { data, tenant: context.getHeaders().get('tenant') };
  }
  @MessagePattern('never')
  never(): Observable<number> {
    return NEVER;
  }
}

describe('Request to a service without Nest', () => {
  it.each<[string, unknown]>([
    ['{"a":1}', { a: 1 }],
    ['{"id":7}', { id: 7 }],
    ['{"response":1,"total":2}', { response: 1, total: 2 }],
    ['{"error":{"code":5,"err_code":7}}', { error: { code: 5, err_code: 7 } }],
    ['{}', {}],
    ['5', 5],
    ['null', null],
    ['[1,2]', [1, 2]],
    ['"yes"', 'yes'],
  ])('resolves to the reply %s', async (reply, value) => {
    const { url } = await startTestServer();
    const { connection } = await probe(url);
    connection.subscribe('stock.get', { callback: (_error, message) => void message.respond(reply) });
    await connection.flush();
    const client = createClient({ connectionOptions: { servers: url } });

    expect(await client.request<unknown, unknown, string>('stock.get', {})).toEqual(value);
    expect(await firstValueFrom(client.send<unknown, unknown, string>('stock.get', {}))).toEqual(value);
  });
});

describe('Request on a subject that a stream stores', () => {
  it('is refused before anything is stored', async () => {
    const { url } = await startTestServer();
    const { manager } = await probe(url);
    await manager.streams.add({ name: 'ORDERS', subjects: ['order.>'] });
    const client = createClient({ connectionOptions: { servers: url } });

    for (const reply of [client.request('order.deleted', { id: 1 }), lastValueFrom(client.send('order.deleted', {}))])
      await expect(reply).rejects.toMatchObject({ code: 'REQUESTED_STREAM', value: 'order.deleted' });
    expect((await manager.streams.info('ORDERS')).state.messages).toBe(0);
  });
});

describe('Request', () => {
  it('takes the data and headers of a record', async () => {
    const { url } = await startTestServer();
    await startTestApp(url, { controllers: [Echoes] });
    const client = createClient({ connectionOptions: { servers: url } });
    const natsHeaders = headers();
    natsHeaders.set('tenant', 'nest');
    const ours = new NatsJetStreamRecordBuilder({ id: 1 }).setHeaders({ tenant: 'ours' }).build();
    const nest = new NatsRecordBuilder({ id: 2 }).setHeaders(natsHeaders).build();

    expect(await client.request('echo', ours)).toEqual({ data: { id: 1 }, tenant: 'ours' });
    expect(await client.request<unknown, unknown, string>('echo', nest)).toEqual({ data: { id: 2 }, tenant: 'nest' });
    expect(await lastValueFrom(client.send('echo', nest))).toEqual({ data: { id: 2 }, tenant: 'nest' });
  });

  it('leaves no subscription behind if it cannot be sent', async () => {
    const { url } = await startTestServer();
    await startTestApp(url, { controllers: [Echoes] });
    const client = createClient({ connectionOptions: { servers: url, name: 'asks' } });
    await client.request('echo', {});
    const subscriptions = (): number =>
      (Reflect.get(client.unwrap(), 'protocol') as { subscriptions: { subs: Map<number, unknown> } }).subscriptions.subs
        .size;
    const before = subscriptions();
    const cycle: unknown[] = [];
    cycle.push(cycle);

    for (let request = 0; request < 20; request++) {
      await expect(client.request<unknown, unknown, string>('echo', cycle)).rejects.toMatchObject({
        code: 'UNSERIALIZABLE_EVENT',
      });
      await expect(client.request('echo', 'x'.repeat(1_100_000))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    }
    await expect(client.request<unknown, unknown, string>('echo', undefined)).rejects.toMatchObject({
      code: 'UNSERIALIZABLE_EVENT',
    });

    expect(subscriptions()).toBe(before);
    expect(await client.request('echo', 1)).toEqual({ data: 1, tenant: '' });
  });

  it('fails if the connection is lost before the reply, and waits while disconnected', async () => {
    const server = await startTestServer();
    await startTestApp(server.url, { controllers: [Echoes] });
    const proxy = await startProxy(server.url);
    const client = createClient({ connectionOptions: { servers: proxy.url, reconnectTimeWait: 20 } });
    await client.request('echo', {});
    const sent = proxy.watch('toServer', ({ line }) => line.startsWith('HPUB never '));
    const reply = lastValueFrom(client.send('never', {})).catch((error: unknown) => error);
    await eventually('the request is sent', () => sent.length === 1);
    const statuses: string[] = [];
    client.status.subscribe((status) => statuses.push(status));
    proxy.cut();
    await eventually('the connection is lost', () => statuses.includes('disconnected'));

    expect(await reply).toMatchObject({ code: 'REQUEST_UNANSWERED', value: 'never' });
    expect(await lastValueFrom(client.send('echo', 1))).toEqual({ data: 1, tenant: '' });
  });

  it('fails without permission to send it or to receive the reply', async () => {
    const server = await startConfiguredServer(configuration('{ publish: { allow: ">", deny: "stock.get" } }'));
    const shop = { connectionOptions: { servers: server.url, user: 'shop', pass: 'shop' } };
    const client = createClient(shop);
    await expect(lastValueFrom(client.send('stock.get', {}))).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      operation: 'publish',
    });
    await client.close();

    await server.reconfigure(configuration('{ publish: ">", subscribe: { allow: ">", deny: "_INBOX.>" } }'));
    const withoutInbox = createClient(shop);
    for (const reply of [withoutInbox.request('stock.get', {}), lastValueFrom(withoutInbox.send('stock.get', {}))])
      await expect(reply).rejects.toMatchObject({ code: 'PERMISSION_DENIED', operation: 'subscribe' });
  });

  it('treats an undefined timeout as absent', async () => {
    const { url } = await startTestServer();
    await startTestApp(url, { controllers: [Echoes] });
    const client = createClient({ connectionOptions: { servers: url }, jetStreamOptions: { timeout: 200 } });

    const reply = client.request('never', {}, { timeout: undefined } as never);

    await expect(reply).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT', timeoutMs: 200 });
  });
});

describe('unwrap', () => {
  it('returns the connection after the first request, and fails with a code before it', async () => {
    const { url } = await startTestServer();
    const client = new NatsJetStreamClientProxy({ connectionOptions: { servers: url } });
    expect(() => client.unwrap()).toThrow(expect.objectContaining({ code: 'NOT_CONNECTED' }));
    await expect(client.request('unanswered', {})).rejects.toMatchObject({ code: 'NO_RESPONDER' });
    expect(client.unwrap().isClosed()).toBe(false);
    await client.close();
  });
});
