import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { Logger } from '@nestjs/common';
import { changeText } from '../errors/drift';
import type { ProvisioningMismatch } from '../errors/provisioning.errors';
import { StreamDriftError, StreamProvisioningError } from '../errors/stream.errors';
import { assertNoOverlap, findStream } from './find-stream';
import { nameIn, type DesiredStream, type NewStream, type StreamDeclaration } from './stream-config';
import { planStream, streamDrift, type StreamDrift, type StreamPlan } from './stream-plan';
import { STREAM_TABLE, type StreamFieldName } from './stream-table';

const STREAM_NAME_IN_USE = 10058;
const NO_SUITABLE_PEERS = 10_005;
const MAX_BYTES_REQUIRED = 10_113;
/**
 * Limits of an account or a server: resources, streams, memory, storage, `max_bytes` required, no
 * limits, size of a stream.
 */
const LIMITS: ReadonlySet<number> = new Set([
  10_002,
  10_023,
  10_027,
  10_028,
  10_047,
  MAX_BYTES_REQUIRED,
  10_120,
  10_122,
]);
const PLACEMENT_RETRY_DELAY_MS = 500;
const PLACEMENT_TIMEOUT_MS = 10_000;
/**
 * nats-server has no conditional update, so an update undoes those that came after its own read.
 * The pause before a start reads the stream again is longer than the time between such a read and
 * its write.
 */
const SETTLE_MS = 300;
const LIMIT_REMEDY = 'Declare its limits within those of the account, or raise the limits of the account.';
const MAX_ROUNDS = 40;
const MAX_ATTEMPTS_OF_A_FIELD = 2;

/** The updates of one start. */
interface History {
  /** Fields that were written, with their values from before. */
  readonly written: Map<StreamFieldName, unknown>;
  /** How often a field was unchanged in the server's answer to its update. */
  readonly kept: Map<StreamFieldName, number>;
  readonly reported: Set<StreamFieldName>;
}

const logger = new Logger('NatsJetStreamStreams');

/**
 * Creates the stream, or updates it as far as no message can be lost, or the declaration allows the
 * loss. Reads the stream again after an update, until nothing is left to change and no other
 * service changes it, so that services that start together keep the changes of all.
 * @throws StreamDriftError (`STREAM_DRIFT`), StreamOverlapError (`STREAM_OVERLAP`),
 * StreamProvisioningError (`STREAM_PROVISIONING`)
 */
export async function provisionStream(manager: JetStreamManager, declaration: StreamDeclaration): Promise<void> {
  const { config } = declaration;
  const warning = dropWarning(config);
  if (warning) logger.warn(warning);
  const history: History = { written: new Map(), kept: new Map(), reported: new Set() };
  /**
   * Configuration after the last update of this start, and the time from its read to its answer.
   */
  let last: { readonly config: StreamConfig; readonly tookMs: number } | undefined;
  const free = new Set<string>();
  for (let rounds = 0; rounds < MAX_ROUNDS; rounds++) {
    const began = performance.now();
    const existing = (await find(manager, config.name)) ?? (await createStream(manager, declaration));
    if (!existing) return;
    const plan = withoutSettled(planStream(declaration, existing.config), existing, history);
    refuse(plan.refused, declaration);
    if (plan.update) {
      const added = plan.update.subjects?.filter((subject) => !existing.config.subjects.includes(subject)) ?? [];
      if (added.some((subject) => !free.has(subject))) {
        await assertNoOverlap(manager, config.name, added);
        for (const subject of added) free.add(subject);
        // The stream may have changed in the meantime.
        continue;
      }
      const { config: after } = await update(manager, existing, plan, declaration);
      last = { config: after, tookMs: performance.now() - began };
      for (const drift of plan.changed) history.written.set(drift.field, shareOf(drift));
      for (const { field } of streamDrift(config, after)) history.kept.set(field, (history.kept.get(field) ?? 0) + 1);
    } else {
      if (!last || isDeepStrictEqual(existing.config, last.config)) return;
      // Another service updates the stream too, and may have read it before the update of this
      // start.
      last = { ...last, config: existing.config };
    }
    await delay((SETTLE_MS + 2 * last.tookMs) * (1 + Math.random()));
  }
  throw new StreamProvisioningError(config.name, new Error('other services kept changing the stream'));
}

/**
 * Differences of the stream on the server from its declaration: none, or one mismatch. Changes
 * nothing.
 */
export async function verifyStream(manager: JetStreamManager, desired: DesiredStream): Promise<ProvisioningMismatch[]> {
  const existing = await findStream(manager, desired.name);
  if (!existing) return [{ stream: desired.name, drift: [] }];
  const drift = streamDrift(desired, existing.config).map(({ field, declared, actual }) => ({
    field,
    declared,
    actual,
  }));
  return drift.length === 0 ? [] : [{ stream: desired.name, drift }];
}

/**
 * Creates the stream. Resolves to undefined, or to the stream that another instance created in the
 * meantime.
 */
export async function createStream(
  manager: JetStreamManager,
  declaration: StreamDeclaration,
): Promise<StreamInfo | undefined> {
  const { config: desired, initial } = declaration;
  await assertNoOverlap(manager, desired.name, desired.subjects ?? []);
  try {
    await add(manager, desired, await initial?.(manager));
    logger.log(`Created stream '${desired.name}' for ${(desired.subjects ?? [desired.name]).join(', ')}.`);
    return undefined;
  } catch (error) {
    if (codeOf(error) === STREAM_NAME_IN_USE) return find(manager, desired.name);
    throw provisioningError(declaration, error);
  }
}

async function add(manager: JetStreamManager, desired: DesiredStream, initial?: NewStream): Promise<void> {
  // nats.js writes to the object that it is given.
  const config = { ...initial?.config, ...desired, ...(desired.subjects && { subjects: [...desired.subjects] }) };
  try {
    await whenPlaceable(async () => manager.streams.add(config));
  } catch (error) {
    const { requiredMaxBytes = 0 } = initial ?? {};
    if (codeOf(error) !== MAX_BYTES_REQUIRED || config.max_bytes !== undefined || requiredMaxBytes <= 0) throw error;
    await whenPlaceable(async () => manager.streams.add({ ...config, max_bytes: requiredMaxBytes }));
  }
}

function provisioningError({ config, limitRemedy }: StreamDeclaration, cause: unknown): StreamProvisioningError {
  if (!LIMITS.has(codeOf(cause) ?? 0)) return new StreamProvisioningError(config.name, cause);
  return new StreamProvisioningError(config.name, cause, limitRemedy ?? LIMIT_REMEDY);
}

function codeOf(error: unknown): number | undefined {
  return error instanceof JetStreamApiError ? error.code : undefined;
}

async function find(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  return findStream(manager, name).catch((error: unknown) => {
    throw new StreamProvisioningError(name, error);
  });
}

async function update(
  manager: JetStreamManager,
  { config }: StreamInfo,
  { update: fields = {}, changed }: StreamPlan,
  declaration: StreamDeclaration,
): Promise<StreamInfo> {
  const { name } = config;
  // Reads the stream once more, and sends only these fields on top of it.
  const updated = await whenPlaceable(async () => manager.streams.update(name, fields)).catch((cause: unknown) => {
    throw provisioningError(declaration, cause);
  });
  logger.log(`Updated stream '${name}': ${changeText(changed)}.`);
  const lossy = changed.filter(({ verdict }) => verdict === 'lossy');
  if (lossy.length > 0)
    logger.warn(`Stream '${name}' may have dropped messages, as allowDataLoss permits: ${changeText(lossy)}.`);
  return updated;
}

/**
 * Removes fields that are not written again. Another service that starts at the same time may have
 * set a value of its own, and the two would overwrite each other for as long as they start. The
 * server may also keep its value, whatever it is sent.
 */
function withoutSettled(plan: StreamPlan, { config }: StreamInfo, { written, kept, reported }: History): StreamPlan {
  const isOverruled = (drift: StreamDrift): boolean =>
    written.has(drift.field) &&
    (drift.verdict !== 'harmless' || !STREAM_TABLE[drift.field].isOrdered) &&
    !isDeepStrictEqual(shareOf(drift), written.get(drift.field));
  const isKept = (drift: StreamDrift): boolean => {
    const times = kept.get(drift.field) ?? 0;
    return times >= MAX_ATTEMPTS_OF_A_FIELD || (times > 0 && isOverruled(drift));
  };
  const drift = [...plan.changed, ...plan.refused];
  const ignored = drift.filter(isKept);
  const overruled = drift.filter((one) => !isKept(one) && isOverruled(one));
  const isNew = ({ field }: StreamDrift): boolean => !reported.has(field);
  if (ignored.some(isNew))
    logger.warn(`nats-server ignores changes of stream '${config.name}': ${changeText(ignored)}.`);
  if (overruled.some(isNew))
    logger.warn(
      `Stream '${config.name}' was changed by another service at the same time, which prevails: ${changeText(overruled)}.`,
    );
  for (const { field } of [...ignored, ...overruled]) reported.add(field);
  const isOpen = (one: StreamDrift): boolean => !ignored.includes(one) && !overruled.includes(one);
  const changed = plan.changed.filter(isOpen);
  const fields = Object.entries(plan.update ?? {}).filter(([name]) => changed.some(({ field }) => field === name));
  return {
    changed,
    refused: plan.refused.filter(isOpen),
    update: changed.length > 0 ? Object.fromEntries(fields) : undefined,
  };
}

/** The server's value, as far as the declaration is about it. */
function shareOf({ field, declared, actual }: StreamDrift): unknown {
  const { share } = STREAM_TABLE[field];
  return share ? share(actual, declared) : actual;
}

function refuse(refused: readonly StreamDrift[], { config, by }: StreamDeclaration): void {
  if (refused.length === 0) return;
  const names = (verdict: 'lossy' | 'impossible') =>
    refused.filter((drift) => drift.verdict === verdict).map(({ field }) => nameIn(by, field));
  throw new StreamDriftError(config.name, {
    drift: refused.map(({ field, declared, actual }) => ({ field, declared, actual })),
    by,
    lossy: names('lossy'),
    impossible: names('impossible'),
  });
}

/** Warning for a stream that drops messages before a consumer handled them. */
function dropWarning(config: DesiredStream): string | undefined {
  const { name, retention, discard, max_msgs, max_bytes, max_msgs_per_subject } = config;
  if (retention !== RetentionPolicy.Workqueue && retention !== RetentionPolicy.Interest) return undefined;
  const limits = { max_msgs, max_bytes, max_msgs_per_subject };
  const [limit] = Object.entries(limits).find(([, value]) => value !== undefined && value > 0) ?? [];
  if (limit === undefined || discard === DiscardPolicy.New) return undefined;
  return `Stream '${name}' drops unhandled messages when it reaches its ${limit}. Set discard to 'new' to refuse new messages instead.`;
}

/**
 * Servers of a cluster that starts, or of which one restarts, count as offline for some seconds,
 * and leave no place for all replicas. A placement that fits no server is refused the same way, so
 * this gives up.
 */
async function whenPlaceable<Answer>(request: () => Promise<Answer>): Promise<Answer> {
  const end = performance.now() + PLACEMENT_TIMEOUT_MS;
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (codeOf(error) !== NO_SUITABLE_PEERS || performance.now() >= end) throw error;
      await delay(PLACEMENT_RETRY_DELAY_MS);
    }
  }
}
