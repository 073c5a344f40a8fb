import { isDeepStrictEqual } from 'node:util';
import type { DynamicModule, Type } from '@nestjs/common';
import { DeliverPolicy, type ConsumerInfo, type JetStreamManager, type StreamInfo } from '@nats-io/jetstream';
import { orphansOf } from '../consumer/provisioning/ownership';
import type { Drift } from '../errors/drift';
import { NatsJetStreamError } from '../errors/nats-jetstream.error';
import { permissionDenied } from '../errors/permission.errors';
import { StreamDriftError } from '../errors/stream.errors';
import type { OpenSession } from '../session/jetstream-session';
import { findStream } from '../stream/find-stream';
import type { ProvisioningMode } from '../stream/provisioning-mode';
import { MAX_LISTED_SUBJECTS } from './dead-letter-counts';
import { describeApplication, type DescribedConnection } from './describe-application';
import { countDropped, isLossyChange } from './dropped-messages';
import { PermittedReads } from './permitted-reads';
import { Rehearsal } from './rehearsal';
import { withSession } from './with-session';
import { StartSteps, type Target, type WaitingHandler } from './start-steps';

/**
 * Number of stored messages that a lossy change drops at once. Undefined for other changes, and if
 * counting them would be expensive.
 */
type DroppedMessages = number | undefined;

/** A step of a start of the application. */
export type PlanStep =
  /** `messages` wait for a new durable. Undefined if counting them would be expensive. */
  | (Target & { readonly action: 'create'; readonly messages?: number | undefined })
  | (Target & {
      readonly action: 'update';
      readonly differences: readonly Drift[];
      readonly dropped?: DroppedMessages;
    })
  /** The start would fail with this error. `messages` are stored in the stream. */
  | (Partial<Target> & {
      readonly action: 'refuse';
      readonly code: string;
      readonly message: string;
      readonly messages?: number;
      readonly dropped?: DroppedMessages;
    })
  /** A durable of this service that no handler uses. `messages` wait for it. */
  | (Required<Target> & { readonly action: 'leave'; readonly messages: number })
  | WaitingHandler;

/** Steps of a start on one connection. */
export interface ConnectionPlan {
  /** Name of the connection. Undefined for the default connection. */
  readonly connection: string | undefined;
  /** `id` of the service. */
  readonly id: string | undefined;
  /** Addresses without credentials. */
  readonly servers: string;
  readonly serverVersion: string;
  /** With `'verify'`, a start fails instead of making changes. With `'none'`, it makes none. */
  readonly provisioning: ProvisioningMode;
  readonly steps: readonly PlanStep[];
}

/**
 * Returns the steps of a start of the application with `provisioning: 'apply'`, and changes
 * nothing. The application is not started: its constructors and factories are not called, except
 * for the factories of `registerAsync`.
 * @throws NoTransportError (`NO_TRANSPORT`), OptionsFactoryError (`OPTIONS_FACTORY_FAILED`),
 * NatsConnectError (`CONNECT_FAILED`), and the errors of a start for wrong options
 */
export async function planStart(root: Type<unknown> | DynamicModule): Promise<readonly ConnectionPlan[]> {
  return planConnections(await describeApplication(root));
}

/** Returns the steps of a start on each connection that an application declares. */
export async function planConnections(connections: readonly DescribedConnection[]): Promise<readonly ConnectionPlan[]> {
  const plans: ConnectionPlan[] = [];
  for (const described of connections) plans.push(await planConnection(described));
  return plans;
}

async function planConnection(described: DescribedConnection): Promise<ConnectionPlan> {
  const { connection, id, provisioning, session } = described;
  return withSession(session, async (open) => {
    const { version: serverVersion = '' } = open.connection.info ?? {};
    const steps = await new StartRehearsal(described, open).run();
    return { connection, id, servers: session.connection.servers, serverVersion, provisioning, steps };
  });
}

/** Runs the steps of a start without changing the server. */
class StartRehearsal {
  private readonly manager: JetStreamManager;
  private readonly rehearsal: Rehearsal;
  private readonly steps: StartSteps;
  private readonly refused: PlanStep[] = [];
  private readonly reads = new PermittedReads();

  constructor(
    private readonly described: DescribedConnection,
    open: OpenSession,
  ) {
    this.manager = open.manager;
    this.rehearsal = new Rehearsal(open.manager);
    const rehearsed = { ...open, manager: this.rehearsal.manager };
    this.steps = new StartSteps(described, rehearsed, async (target, work) => this.attempt(target, work));
  }

  async run(): Promise<PlanStep[]> {
    await this.steps.run();
    return [...(await this.changes()), ...this.refused, ...this.steps.waiting, ...(await this.left())];
  }

  /** Continues after a failure, so that a plan has all of them. */
  private async attempt(target: Partial<Target>, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const failure = permissionDenied(error) ?? error;
      if (!(failure instanceof NatsJetStreamError)) throw failure;
      this.refused.push(await this.refusal(target, failure));
    }
  }

  private async refusal(target: Partial<Target>, failure: NatsJetStreamError): Promise<PlanStep> {
    const { code, message } = failure;
    const drift = failure instanceof StreamDriftError ? failure.drift : [];
    const { stream = failure instanceof StreamDriftError ? failure.stream : undefined } = target;
    if (stream === undefined) return { action: 'refuse', code, message };
    const stored = await findStream(this.manager, stream);
    const refused = { action: 'refuse', ...target, stream, code, message } as const;
    if (!stored) return refused;
    return { ...refused, messages: stored.state.messages, dropped: await this.dropped(stored, drift) };
  }

  /** Returns undefined if one of the changes is impossible, or the user may not read messages. */
  private async dropped(stream: StreamInfo, changes: readonly Drift[]): Promise<DroppedMessages> {
    const lossy = changes.filter(isLossyChange);
    if (lossy.length === 0 || lossy.length < changes.length) return undefined;
    return this.reads.attempt(async () => countDropped(this.manager, stream, lossy));
  }

  private async changes(): Promise<PlanStep[]> {
    const streams = this.rehearsal.streams.map(async ({ before, after }): Promise<PlanStep[]> => {
      const target = { stream: after.config.name };
      if (!before) return [{ action: 'create', ...target }];
      const differences = differencesOf(before.config, after.config);
      const dropped = await this.dropped(before, differences.filter(isLossyChange));
      return update(target, differences, dropped);
    });
    const consumers = this.rehearsal.consumers.map(async ({ before, after }): Promise<PlanStep[]> => {
      const target = { stream: after.stream_name, durable: after.name };
      if (before) return update(target, differencesOf(before.config, after.config));
      return [{ action: 'create', ...target, messages: await this.waitingFor(after) }];
    });
    return (await Promise.all([...streams, ...consumers])).flat();
  }

  /** Returns the number of stored messages that a new consumer would receive. */
  private async waitingFor({ stream_name: stream, config }: ConsumerInfo): Promise<number | undefined> {
    const { deliver_policy: start, filter_subjects: filters = [] } = config;
    if (start === DeliverPolicy.New) return 0;
    const stored = await findStream(this.manager, stream);
    if (!stored || stored.state.messages === 0) return 0;
    if (start !== DeliverPolicy.All || (stored.state.num_subjects ?? 0) > MAX_LISTED_SUBJECTS) return undefined;
    const counts = filters.map(async (filter) => {
      const { state } = await this.manager.streams.info(stream, { subjects_filter: filter });
      return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
    });
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** Finds durables of this service that no handler uses. */
  private async left(): Promise<PlanStep[]> {
    const { id, handlers, session } = this.described;
    if (id === undefined) return [];
    const claimed = new Set(handlers.map(({ durable }) => durable));
    const declared = session.streams.all().map(({ config }) => config.name);
    const found: PlanStep[] = [];
    for (const stream of new Set([...declared, ...this.steps.bound.map((each) => each.stream)])) {
      if (!(await findStream(this.manager, stream))) continue;
      for await (const { name, num_pending, num_ack_pending } of orphansOf(this.manager, id, stream, claimed))
        found.push({ action: 'leave', stream, durable: name, messages: num_pending + num_ack_pending });
    }
    return found;
  }
}

function differencesOf(before: object, after: object): Drift[] {
  return Object.entries(after).flatMap(([field, declared]) => {
    const actual: unknown = Reflect.get(before, field);
    return isDeepStrictEqual(declared, actual) ? [] : [{ field, declared: declared as unknown, actual }];
  });
}

function update(target: Target, differences: readonly Drift[], dropped?: DroppedMessages): PlanStep[] {
  if (differences.length === 0) return [];
  return [{ action: 'update', ...target, differences, ...(dropped === undefined ? {} : { dropped }) }];
}
