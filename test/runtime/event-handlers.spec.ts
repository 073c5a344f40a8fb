import {
  Controller,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import {
  DEAD_LETTER_HEADERS,
  NatsJetStreamServer,
  Outcome,
  TerminateError,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { createInbox } from '@nats-io/transport-node';
import { defer, EMPTY, from, mergeMap, timer, type Observable } from 'rxjs';
import { deadLettersOf } from '../support/dead-letters';
import { eventually } from '../support/eventually';
import { Gate } from '../support/gate';
import { probe, type JetStreamProbe } from '../support/jetstream-probe';
import { logLines } from '../support/log-lines';
import { startTestServer, type TestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';
import { OrdersStream, order } from '../support/orders';

type Decide = (context: NatsJetStreamContext) => unknown;

/** Interceptor that completes without a value after the handler ran. */
const returningEmpty: NestInterceptor = {
  intercept: (_context: ExecutionContext, next: CallHandler): Observable<never> =>
    next.handle().pipe(mergeMap(() => EMPTY)),
};

const once =
  (failure: unknown): Decide =>
  (context) => {
    if (!context.redelivered) throw failure;
  };

describe('Two @EventPattern handlers of one subject', () => {
  let server: TestServer;
  let jetStream: JetStreamProbe;
  let ran: string[];

  beforeEach(async () => {
    server = await startTestServer();
    jetStream = await probe(server.url);
    ran = [];
  });

  async function handleOne(first: Decide, second: Decide): Promise<string[]> {
    @Controller()
    class Mails {
      @UseInterceptors(returningEmpty)
      @EventPattern<string>('order.created')
      mail(@Payload() _event: unknown, @Ctx() context: NatsJetStreamContext): unknown {
        ran.push(`first ${context.deliveryCount}`);
        return first(context);
      }
    }
    @Controller()
    class Stock {
      @EventPattern<string>('order.created')
      take(@Payload() _event: unknown, @Ctx() context: NatsJetStreamContext): unknown {
        ran.push(`second ${context.deliveryCount}`);
        return second(context);
      }
    }
    const { logger, lines } = logLines();
    const consumerOptions = { retryDelay: [5], maxDeliver: 3 };
    await startTestApp(server.url, { controllers: [Mails, Stock], streams: [OrdersStream], consumerOptions, logger });
    await jetStream.client.publish('order.created', JSON.stringify(order(1)));
    await eventually('every message is settled', async () => ran.length > 1 && (await isSettled()));
    return lines;
  }

  async function isSettled(): Promise<boolean> {
    const consumers = await jetStream.manager.consumers.list('ORDERS').next();
    return consumers.every(({ num_pending, num_ack_pending }) => num_pending === 0 && num_ack_pending === 0);
  }

  async function reasons(): Promise<string[]> {
    const letters = await deadLettersOf(jetStream, 'ORDERS');
    return letters.map(({ header }) => header.get(DEAD_LETTER_HEADERS.reason));
  }

  it('are retried together if the second fails and an interceptor of the first returns EMPTY', async () => {
    await handleOne(() => undefined, once(new Error('out of stock')));
    expect(ran.toSorted()).toEqual(['first 1', 'first 2', 'second 1', 'second 2']);
  });

  it('are retried together if the first fails at once, after the second has finished', async () => {
    const gate = new Gate();
    let finished = 0;
    const done = handleOne(once(new Error('no mail')), async () => {
      await gate.opened;
      finished++;
    });
    await eventually('both handlers ran', () => ran.length === 2);
    expect(await isSettled()).toBe(false);
    expect(ran).toHaveLength(2);
    gate.open();
    await done;
    expect(ran.toSorted()).toEqual(['first 1', 'first 2', 'second 1', 'second 2']);
    expect(finished).toBe(2);
  });

  it('are retried together if one retries and the other terminates', async () => {
    await handleOne(once(new TerminateError('never')), ({ redelivered }) =>
      redelivered ? undefined : Outcome.retry({ delay: 5 }),
    );
    expect(ran.toSorted()).toEqual(['first 1', 'first 2', 'second 1', 'second 2']);
    expect(await reasons()).toEqual([]);
  });

  it('are dead-lettered if one terminates and the other succeeds', async () => {
    await handleOne(
      () => undefined,
      () => Outcome.terminate('not ours'),
    );
    expect(ran.toSorted()).toEqual(['first 1', 'second 1']);
    expect(await reasons()).toEqual(['not ours']);
  });

  it('log each failure of a run', async () => {
    const lines = await handleOne(once(new Error('no mail')), once(new Error('out of stock')));
    expect(lines.filter((line) => line.includes('out of stock') && line.includes('(the handler of'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('no mail') && line.includes('(the handler of'))).toHaveLength(1);
  });

  it('complete with the slower handler', async () => {
    let completed = 0;
    await handleOne(
      () => undefined,
      () => defer(() => from(timer(20)).pipe(mergeMap(async () => ++completed))),
    );
    expect(completed).toBe(1);
    expect(ran).toHaveLength(2);
  });
});

describe('An @EventPattern and a @MessagePattern handler of one subject', () => {
  it('are both registered, in either order', async () => {
    const server = await startTestServer();
    const jetStream = await probe(server.url);
    const events: string[] = [];
    @Controller()
    class Before {
      @EventPattern<string>('order.created')
      handle(): void {
        events.push('before');
      }
    }
    @Controller()
    class Requests {
      @MessagePattern('order.created')
      answer(): string {
        return 'answered';
      }
    }
    @Controller()
    class After {
      @EventPattern<string>('order.created')
      handle(): void {
        events.push('after');
      }
    }
    const app = await startTestApp(server.url, { controllers: [Before, Requests, After], streams: [OrdersStream] });
    // The request is sent on another connection, which may be faster than the subscription.
    await app.get(NatsJetStreamServer).unwrap().flush();
    // The stream that stores the subject replies too.
    const replies: string[] = [];
    const inbox = createInbox();
    jetStream.connection.subscribe(inbox, { callback: (_, message) => void replies.push(message.string()) });
    const request = JSON.stringify({ pattern: 'order.created', data: order(1), id: '1' });
    jetStream.connection.publish('order.created', request, { reply: inbox });
    await eventually('the request is answered', () => replies.some((reply) => reply.includes('"answered"')));
    await eventually('both event handlers ran', () => events.includes('before') && events.includes('after'));
  });
});
