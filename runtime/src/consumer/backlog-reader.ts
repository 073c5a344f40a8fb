import type { Logger } from '@nestjs/common';
import type { ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { markLogged, permissionDenied } from '../errors/permission.errors';
import { failureText } from '../errors/thrown-value';
import { deadLetterStreamName } from '../stream/dead-letter-stream';
import type { ConsumerBacklog, TelemetryBacklog } from '../telemetry/telemetry';
import { withDeadline } from '../util/deadline';
import { lagOf } from './consumer-lag';
import type { BoundHandler } from './fleet';
import { findConsumerOrStream, isStreamMissing } from './provisioning/find-consumer';

/** Scrapes of several collectors share one reading. */
const READ_EVERY_MS = 5_000;
/** A scrape must not wait longer for a slow server. */
const WAIT_MS = 2_000;

/** Reads the backlog of the durables of this process from the server. */
export class BacklogReader {
  private last: TelemetryBacklog = { consumers: [], deadLetters: [] };
  private startedAt = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;
  /** Readings that the server denied. They are not repeated. */
  private readonly denied = new Set<string>();

  constructor(
    /** Returns undefined while there is no connection. */
    private readonly manager: () => JetStreamManager | undefined,
    private readonly bound: () => readonly BoundHandler[],
    private readonly logger: Pick<Logger, 'warn' | 'debug'>,
  ) {}

  /** Resolves to the present backlog, or to the last known one if the server is slow or away. */
  async read(): Promise<TelemetryBacklog> {
    const manager = this.manager();
    const nowMs = performance.now();
    if (manager && !this.reading && nowMs - this.startedAt >= READ_EVERY_MS) {
      this.startedAt = nowMs;
      this.reading = this.readAll(manager).finally(() => (this.reading = undefined));
    }
    if (this.reading) await withDeadline(this.reading, WAIT_MS, () => new Error('no answer')).catch(() => undefined);
    return this.last;
  }

  private async readAll(manager: JetStreamManager): Promise<void> {
    const bound = this.bound().filter(({ definition }) => !definition.ephemeral);
    const consumers = bound.map(async (handler) => this.consumerBacklog(manager, handler));
    const withDeadLetters = bound.filter(({ definition }) => definition.settings.deadLetter === 'stream');
    const streams = [...new Set(withDeadLetters.map(({ stream }) => stream))];
    const deadLetters = streams.map(async (stream) => this.deadLettersOf(manager, stream));
    this.last = {
      consumers: (await Promise.all(consumers)).filter((each) => each !== undefined),
      deadLetters: (await Promise.all(deadLetters)).filter((each) => each !== undefined),
    };
  }

  private async consumerBacklog(
    manager: JetStreamManager,
    { stream, definition: { durable } }: BoundHandler,
  ): Promise<ConsumerBacklog | undefined> {
    const name = `consumer '${durable}' of stream '${stream}'`;
    const before = this.last.consumers.find((each) => each.stream === stream && each.durable === durable);
    const read = async (): Promise<ConsumerInfo | undefined> => findConsumerOrStream(manager, stream, durable);
    const info = await this.unlessDenied(`read ${name}`, read);
    if (info === FAILED) return before;
    if (!info) return undefined;
    const { num_pending: pending, num_ack_pending: ackPending, num_redelivered: redelivered } = info;
    const lag = await this.unlessDenied(`read the lag of ${name}`, async () => lagOf(manager, info));
    return {
      stream,
      durable,
      pending,
      ackPending,
      redelivered,
      lagSeconds: lag === FAILED ? before?.lagSeconds : lag,
    };
  }

  private async deadLettersOf(
    manager: JetStreamManager,
    stream: string,
  ): Promise<TelemetryBacklog['deadLetters'][number] | undefined> {
    const name = deadLetterStreamName(stream);
    const messages = await this.unlessDenied(`read stream '${name}'`, async () => {
      try {
        return (await manager.streams.info(name)).state.messages;
      } catch (error) {
        if (isStreamMissing(error)) return 0;
        throw error;
      }
    });
    if (messages === FAILED) return this.last.deadLetters.find((each) => each.stream === stream);
    return messages === undefined ? undefined : { stream, messages };
  }

  /** Warns once of a missing permission. Returns undefined from then on. */
  private async unlessDenied<Result>(
    task: string,
    read: () => Promise<Result>,
  ): Promise<Result | undefined | typeof FAILED> {
    if (this.denied.has(task)) return undefined;
    try {
      return await read();
    } catch (error) {
      const denied = permissionDenied(error, task);
      if (!denied) {
        this.logger.debug(`Could not ${task}: ${failureText(error)}`);
        return FAILED;
      }
      this.denied.add(task);
      markLogged(error);
      this.logger.warn(`${denied.message} Its metric is missing until the next start.`);
      return undefined;
    }
  }
}

/** Result of a reading that may succeed later. The last known value is kept. */
const FAILED = Symbol('failed');
