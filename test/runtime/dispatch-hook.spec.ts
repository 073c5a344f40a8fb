import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload, type NatsContext } from '@nestjs/microservices';
import { JetStreamConsumer, NatsJetStreamClientProxy, type NatsJetStreamContext } from '@nest-jetstream/transport';
import { lastValueFrom } from 'rxjs';
import { eventually } from '../support/eventually';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { ORDER_CREATED, OrdersStream, order, type OrderCreatedEvent } from '../support/orders';

describe('setOnDispatchHook', () => {
  let client: NatsJetStreamClientProxy;
  let traces: unknown[];

  beforeEach(async () => {
    traces = [];
    @Controller()
    class Traced {
      @JetStreamConsumer(ORDER_CREATED)
      handle(@Payload() _event: OrderCreatedEvent, @Ctx() { headers }: NatsJetStreamContext): void {
        traces.push([headers?.get('trace'), headers?.get('tenant')]);
      }
      @MessagePattern('trace.of')
      answer(@Payload() _data: unknown, @Ctx() context: NatsContext): unknown {
        return context.getHeaders().get('trace');
      }
    }
    const { url } = await startTestServer();
    const app = await startTestApp(url, { controllers: [Traced], streams: [OrdersStream] });
    client = app.get(NatsJetStreamClientProxy);
  });

  it('adds its metadata to the headers of every event, unless the message has the header', async () => {
    const hookCalls: unknown[] = [];
    client.setOnDispatchHook((packet) => {
      hookCalls.push([packet.pattern, packet.data]);
      packet.metadata = { trace: `t${hookCalls.length}`, tenant: 'hook' };
    });
    await client.emitAsync(ORDER_CREATED, order(1));
    await lastValueFrom(client.emit(ORDER_CREATED, order(2)));
    await lastValueFrom(client.send(ORDER_CREATED, order(3)));
    await client.emitAsync(ORDER_CREATED, order(4), { headers: { tenant: 'own' } });

    await eventually('everything is handled', () => traces.length === 4);
    expect(traces).toEqual([
      ['t1', 'hook'],
      ['t2', 'hook'],
      ['t3', 'hook'],
      ['t4', 'own'],
    ]);
    expect(hookCalls).toEqual([1, 2, 3, 4].map((id) => ['order.created', order(id)]));
  });

  it('adds its metadata to requests', async () => {
    client.setOnDispatchHook((packet) => {
      packet.metadata = { trace: 't1' };
    });
    expect(await lastValueFrom(client.send('trace.of', {}))).toBe('t1');
    expect(await client.request('trace.of', {})).toBe('t1');
  });

  it('refuses headers of the server, and refuses the event if the hook throws', async () => {
    client.setOnDispatchHook((packet) => {
      packet.metadata = { 'Nats-Msg-Id': 'always' };
    });
    await expect(client.emitAsync(ORDER_CREATED, order(1))).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    client.setOnDispatchHook(() => {
      throw new Error('no trace');
    });
    await expect(client.emitAsync(ORDER_CREATED, order(1))).rejects.toThrow('no trace');
    await expect(lastValueFrom(client.emit(ORDER_CREATED, order(1)))).rejects.toThrow('no trace');
  });
});
