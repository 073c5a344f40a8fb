import { monitorMetadata, monitorThresholds, type MonitorKeys } from '../../util/monitor-metadata';
import type { ConsumerMonitor } from './consumer-options';

const KEYS: MonitorKeys<ConsumerMonitor> = {
  outstandingAck: ['outstanding-ack-critical', 'count'],
  waiting: ['waiting-critical', 'count'],
  unprocessed: ['unprocessed-critical', 'count'],
  redelivery: ['redelivery-critical', 'count'],
  lastDelivery: ['last-delivery-critical', 'duration'],
  lastAck: ['last-ack-critical', 'duration'],
};

/**
 * Returns the metadata of the thresholds.
 * @throws InvalidOptionError (`INVALID_OPTION`)
 */
export function consumerMonitor(thresholds: ConsumerMonitor, option: string): Record<string, string> {
  return monitorMetadata(thresholds, option, KEYS);
}

/** Returns the thresholds in the metadata of a consumer. Durations are in milliseconds. */
export function consumerThresholds(
  metadata: Readonly<Record<string, string>> | undefined,
): Partial<Record<keyof ConsumerMonitor, number>> {
  return monitorThresholds<ConsumerMonitor>(metadata, KEYS);
}
