import { StorageType, type StreamInfo } from '@nats-io/jetstream';
import { ATTEMPT_STREAM } from '../../dead-letter/attempt-stream';
import { durationText, NANOS_PER_MILLI } from '../../errors/duration-text';
import { DEFAULT_TIMEOUT_MS } from '../../session/jetstream-session';
import { servedStream } from '../dead-letter-counts';
import type { Examination } from './examination';
import { findingOf, type Finding } from './finding';

/** A publish is retried twice, and must be recognised as a duplicate. */
const PUBLISH_ATTEMPTS = 3;

/** Checks the configuration of streams: copies, storage, limits and duplicate window. */
export function checkStreams({ inventory, service }: Examination): Finding[] {
  // That of the session is an option of the command line.
  const { publishTimeoutMs = DEFAULT_TIMEOUT_MS } = service ?? {};
  const { streams, missing } = inventory;
  const byName = new Map(streams.map((info) => [info.config.name, info]));
  return [
    ...missing.map((stream) =>
      findingOf('STREAM_MISSING', `Stream '${stream}' does not exist.`, 'Check its name, or start its service.', {
        stream,
      }),
    ),
    ...streams.flatMap((info) =>
      [checkCopies(info, byName), checkLimits(info), checkDuplicateWindow(info, publishTimeoutMs)].flat(),
    ),
  ];
}

/** A dead letter stream may be as safe as its stream. */
function checkCopies(info: StreamInfo, byName: ReadonlyMap<string, StreamInfo>): Finding[] {
  const { name: stream, num_replicas: replicas, storage } = info.config;
  if (stream === ATTEMPT_STREAM.name) return [];
  const served = byName.get(servedStream(info) ?? '')?.config;
  const findings: Finding[] = [];
  if (replicas < 2 && (served?.num_replicas ?? 3) > 1)
    findings.push(
      findingOf(
        'ONE_REPLICA',
        `Stream '${stream}' has one replica. It is unavailable while its server is down, and lost with its disk.`,
        'Set replicas: 3 in a cluster of three servers.',
        { stream },
      ),
    );
  if (storage === StorageType.Memory && served?.storage !== StorageType.Memory)
    findings.push(
      findingOf(
        'MEMORY_STORAGE',
        `Stream '${stream}' is stored in memory. Its messages are lost if its servers stop.`,
        "The storage cannot change. Create a new stream with storage: 'file'.",
        { stream },
      ),
    );
  return findings;
}

function checkLimits({ config }: StreamInfo): Finding[] {
  const { name: stream, max_age, max_bytes, max_msgs, max_msgs_per_subject } = config;
  if ([max_age, max_bytes, max_msgs, max_msgs_per_subject].some((limit) => limit > 0)) return [];
  return [
    findingOf(
      'NO_LIMITS',
      `Stream '${stream}' has no limits, so it may fill the disk.`,
      'Set maxAge, maxBytes or maxMessages.',
      { stream },
    ),
  ];
}

function checkDuplicateWindow(info: StreamInfo, timeoutMs: number): Finding[] {
  const { name: stream, duplicate_window: window, mirror, sealed } = info.config;
  const isInternal = stream === ATTEMPT_STREAM.name || servedStream(info) !== undefined;
  const neededMs = PUBLISH_ATTEMPTS * timeoutMs;
  const windowMs = window / NANOS_PER_MILLI;
  if (isInternal || mirror || sealed || windowMs >= neededMs) return [];
  return [
    findingOf(
      'SHORT_DUPLICATE_WINDOW',
      `The duplicateWindow of stream '${stream}' is ${durationText(windowMs)}. A publish is retried for up to ` +
        `${durationText(neededMs)}, so its message may be stored twice.`,
      `Set duplicateWindow to at least '${durationText(neededMs)}', or lower jetStreamOptions.timeout.`,
      { stream },
    ),
  ];
}
