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
import { jetStreamDisabled } from '../errors/connection.errors';
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
 * Error codes for limits of an account or a server: resources, streams, memory, storage,
 * `max_bytes` required, no limits, size of a stream.
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
 * Delay before the stream is read again. nats-server has no conditional update, so an update can
 * undo another one. The delay is longer than the time between the read and the write of an update.
 */
const SETTLE_MS = 300;
const LIMIT_REMEDY = 'Declare its limits within those of the account, or raise the limits of the account.';
const MAX_ROUNDS = 40;
const MAX_ATTEMPTS_OF_A_FIELD = 2;

/** Updates of one startup. */
interface History {
  /** Written fields with their previous values. */
  readonly written: Map<StreamFieldName, unknown>;
  /** Number of updates that did not change a field on the server. */
  readonly kept: Map<StreamFieldName, number>;
  readonly reported: Set<StreamFieldName>;
}

const logger = new Logger('NatsJetStreamStreams');

/**
 * Creates or updates the stream. An update must not lose messages, unless the declaration allows
 * it. Reads the stream again after an update until it is stable, because services that start at the
 * same time may undo each other's changes.
 * @throws StreamDriftError (`STREAM_DRIFT`), StreamOverlapError (`STREAM_OVERLAP`),
 * StreamProvisioningError (`STREAM_PROVISIONING`)
 */
export async function provisionStream(manager: JetStreamManager, declaration: StreamDeclaration): Promise<void> {
  const { config } = declaration;
  const warning = dropWarning(config);
  if (warning) logger.warn(warning);
  const history: History = { written: new Map(), kept: new Map(), reported: new Set() };
  /** Configuration after the last update, and the time from its read to its answer. */
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
        // The stream may have changed since it was read.
        continue;
      }
      const { config: after } = await update(manager, existing, plan, declaration);
      last = { config: after, tookMs: performance.now() - began };
      for (const drift of plan.changed) history.written.set(drift.field, shareOf(drift));
      for (const { field } of streamDrift(config, after)) history.kept.set(field, (history.kept.get(field) ?? 0) + 1);
    } else {
      if (!last || isDeepStrictEqual(existing.config, last.config)) return;
      // Another service updates the stream too, and may have read it before this update.
      last = { ...last, config: existing.config };
    }
    await delay((SETTLE_MS + 2 * last.tookMs) * (1 + Math.random()));
  }
  throw new StreamProvisioningError(config.name, new Error('other services keep changing the stream'));
}

/** Returns a mismatch if the stream on the server differs from its declaration. Changes nothing. */
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
 * Creates the stream. Resolves to undefined, or to the stream if another instance created it at the
 * same time.
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
  // A copy, because nats.js writes to its argument.
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
    throw jetStreamDisabled(error, manager.getOptions()) ?? new StreamProvisioningError(name, error);
  });
}

async function update(
  manager: JetStreamManager,
  { config }: StreamInfo,
  { update: fields = {}, changed }: StreamPlan,
  declaration: StreamDeclaration,
): Promise<StreamInfo> {
  const { name } = config;
  // nats.js reads the stream again, and merges these fields.
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
 * Removes fields that must not be written again. Two services that start at the same time would
 * keep overwriting each other, and the server may ignore a change.
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
      `Stream '${config.name}' was changed by another service at the same time. Its values are kept: ${changeText(overruled)}.`,
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

/** Returns the part of the server's value that is declared. */
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

/** Returns a warning for a stream that can drop messages before a consumer handles them. */
function dropWarning(config: DesiredStream): string | undefined {
  const { name, retention, discard, max_msgs, max_bytes, max_msgs_per_subject } = config;
  if (retention !== RetentionPolicy.Workqueue && retention !== RetentionPolicy.Interest) return undefined;
  const limits = { max_msgs, max_bytes, max_msgs_per_subject };
  const [limit] = Object.entries(limits).find(([, value]) => value !== undefined && value > 0) ?? [];
  if (limit === undefined || discard === DiscardPolicy.New) return undefined;
  return `Stream '${name}' drops unhandled messages when it reaches its ${limit}. Set discard to 'new' to refuse new messages instead.`;
}

/**
 * Retries while a cluster starts or a server restarts, because some servers are offline and
 * replicas cannot be placed. Stops after some time, because an impossible placement has the same
 * error.
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
