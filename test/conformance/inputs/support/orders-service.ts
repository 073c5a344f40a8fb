import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import {
  DEAD_LETTER_HEADERS,
  JetStreamAdmin,
  JetStreamConsumer,
  NatsJetStreamClientProxy,
  type JetStreamConsumerOptions,
  type NatsJetStreamContext,
} from '@nest-jetstream/transport';
import { headers as emptyHeaders } from '@nats-io/transport-node';
import type { StoredMsg } from '@nats-io/jetstream';
import { eventually } from '../../../support/eventually';
import { isSettled, probe, type JetStreamProbe } from '../../../support/jetstream-probe';
import { logLines } from '../../../support/log-lines';
import { startTestApp, type TestAppOptions } from '../../../support/nest-app';

const SUBJECT = 'input.given';
const NEXT = JSON.stringify('the next');

/** The final state of a message. */
export type MessageResult =
  { readonly is: 'handled'; readonly event: unknown } | { readonly is: 'dead'; readonly deadLetter: StoredMsg };

export interface OrdersService {
  readonly jetStream: JetStreamProbe;
  readonly client: NatsJetStreamClientProxy;
  readonly admin: JetStreamAdmin;
  readonly logged: string[];
  /** Returns how often the handler was called with a message. */
  runs(sequence: number): number;
  /** Publishes bytes like another client, without the transport. */
  publishRaw(data: Uint8Array | string, headers?: Readonly<Record<string, string>>): Promise<number>;
  /** Waits until a message is handled or dead-lettered. */
  resultOf(sequence: number): Promise<MessageResult>;
  /** Waits for the dead letter of a message. */
  deadLetterOf(sequence: number): Promise<StoredMsg>;
  /** Expects that another message is handled and that nothing is pending. */
  expectAlive(): Promise<void>;
}

/** A handler function with the return values and errors of Nest. */
export type Handle = (event: unknown, context: NatsJetStreamContext) => unknown;

/**
 * Starts a service with one handler, which succeeds by default. Messages are dead-lettered after
 * two deliveries.
 */
export async function startOrdersService(
  url: string,
  handle: Handle = () => undefined,
  options: JetStreamConsumerOptions = {},
  app: TestAppOptions = {},
): Promise<OrdersService> {
  const handled = new Map<number, unknown>();
  const runs = new Map<number, number>();

  @Controller()
  class Inputs {
    @JetStreamConsumer<string>(SUBJECT, { durable: 'inputs', maxDeliver: 2, retryDelay: [1], ...options })
    handle(@Payload() event: unknown, @Ctx() context: NatsJetStreamContext): unknown {
      runs.set(context.sequence, (runs.get(context.sequence) ?? 0) + 1);
      const result = event === 'the next' ? undefined : handle(event, context);
      handled.set(context.sequence, event);
      return result;
    }
  }
  const streamConfig = { name: 'INPUTS', subjects: ['input.>'], allow_msg_ttl: true, allow_rollup_hdrs: true };
  const { lines, logger } = logLines();
  const running = await startTestApp(url, { controllers: [Inputs], streamConfig, gracePeriod: 100, logger, ...app });
  const jetStream = await probe(url);

  const findDeadLetter = async (sequence: number): Promise<StoredMsg | undefined> => {
    const found = await jetStream.manager.streams
      .getMessage('INPUTS_DEAD', { last_by_subj: `dead.INPUTS.inputs.${sequence}` })
      .catch(() => null);
    return found ?? undefined;
  };

  const service: OrdersService = {
    jetStream,
    client: running.get(NatsJetStreamClientProxy),
    admin: running.get(JetStreamAdmin),
    logged: lines,
    runs: (sequence) => runs.get(sequence) ?? 0,
    async publishRaw(data, given = {}) {
      const headers = emptyHeaders();
      for (const [name, value] of Object.entries(given)) headers.set(name, value);
      return (await jetStream.client.publish(SUBJECT, data, { headers })).seq;
    },
    async resultOf(sequence) {
      let deadLetter: StoredMsg | undefined;
      await eventually(`sequence ${sequence} is handled or dead`, async () => {
        const { ack_floor } = await jetStream.manager.consumers.info('INPUTS', 'inputs');
        if (ack_floor.stream_seq < sequence) return false;
        deadLetter = await findDeadLetter(sequence);
        return deadLetter !== undefined || handled.has(sequence);
      });
      return deadLetter ? { is: 'dead', deadLetter } : { is: 'handled', event: handled.get(sequence) };
    },
    async deadLetterOf(sequence) {
      let deadLetter: StoredMsg | undefined;
      await eventually(`sequence ${sequence} is dead`, async () => {
        deadLetter = await findDeadLetter(sequence);
        return deadLetter !== undefined;
      });
      if (!deadLetter) throw new Error('No dead letter.');
      return deadLetter;
    },
    async expectAlive() {
      const sequence = await service.publishRaw(NEXT);
      await expect(service.resultOf(sequence)).resolves.toEqual({ is: 'handled', event: 'the next' });
      await eventually('nothing is pending', async () => isSettled(jetStream, 'INPUTS', 'inputs'));
    },
  };
  return service;
}

/** Returns the reason header of a dead letter. */
export function reasonOf({ header }: StoredMsg): string {
  return header.get(DEAD_LETTER_HEADERS.reason);
}
