import { monitorMetadata, monitorThresholds, type MonitorKeys } from '../util/monitor-metadata';
import type { StreamMonitor } from './stream-options';

const KEYS: MonitorKeys<StreamMonitor> = {
  lag: ['lag-critical', 'count'],
  seen: ['seen-critical', 'duration'],
  minSources: ['min-sources', 'count'],
  maxSources: ['max-sources', 'count'],
  peerExpect: ['peer-expect', 'count'],
  peerLag: ['peer-lag-critical', 'count'],
  peerSeen: ['peer-seen-critical', 'duration'],
  msgsWarn: ['msgs-warn', 'count'],
  msgsCritical: ['msgs-critical', 'count'],
  subjectsWarn: ['subjects-warn', 'count'],
  subjectsCritical: ['subjects-critical', 'count'],
};

/**
 * Returns the metadata of the thresholds.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function streamMonitor(thresholds: StreamMonitor): Record<string, string> {
  return monitorMetadata(thresholds, 'monitor', KEYS);
}

/** Returns the thresholds in the metadata of a stream. Durations are in milliseconds. */
export function streamThresholds(
  metadata: Readonly<Record<string, string>> | undefined,
): Partial<Record<keyof StreamMonitor, number>> {
  return monitorThresholds<StreamMonitor>(metadata, KEYS);
}
