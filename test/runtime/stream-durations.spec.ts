import { NatsJetStreamClientProxy, type StreamSettings } from '@nest-jetstream/transport';
import { probe } from '../support/jetstream-probe';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

const SECOND = 1e9;
const DAY = 86_400 * SECOND;

describe('Durations of streamConfig', () => {
  it('are nanoseconds or strings with a unit', async () => {
    const { url } = await startTestServer();
    const { manager } = await probe(url);
    const streamConfig: StreamSettings = Object.freeze({
      name: 'AUDIT',
      subjects: ['audit.>'],
      max_age: '200d',
      duplicate_window: 90 * SECOND,
      allow_msg_ttl: true,
      subject_delete_marker_ttl: '1.5m',
      allow_rollup_hdrs: true,
      consumer_limits: Object.freeze({ inactive_threshold: '1h', max_ack_pending: 5 }),
    });
    for (let start = 0; start < 2; start++) await startTestApp(url, { streamConfig });
    const { config } = await manager.streams.info('AUDIT');
    expect(config).toMatchObject({
      max_age: 200 * DAY,
      duplicate_window: 90 * SECOND,
      subject_delete_marker_ttl: 90 * SECOND,
      consumer_limits: { inactive_threshold: 3_600 * SECOND, max_ack_pending: 5 },
    });
  });

  it('may be 0, which the server treats as unlimited', async () => {
    const { url } = await startTestServer();
    await startTestApp(url, { streamConfig: { name: 'AUDIT', subjects: ['audit.>'], max_age: 0 } });
    const { manager } = await probe(url);
    expect((await manager.streams.info('AUDIT')).config.max_age).toBe(0);
  });

  it.each<[StreamSettings, string]>([
    [
      { max_age: 604_800_000 / 1000 },
      "'streamConfig.max_age' cannot be 604800. A bare number is nanoseconds here. For 604800 ms write '604800ms'",
    ],
    [{ max_age: 60_000 }, "For 60000 ms write '1m'"],
    [
      { duplicate_window: 5 },
      "'streamConfig.duplicate_window' cannot be 5. A bare number is nanoseconds here. For 5 ms write '5ms'",
    ],
    [{ subject_delete_marker_ttl: 30_000 }, "For 30000 ms write '30s'"],
    [{ consumer_limits: { inactive_threshold: 1_000 } }, "'streamConfig.consumer_limits.inactive_threshold'"],
    [{ max_age: -1 }, "cannot be -1. Pass a whole number of nanoseconds, or a string such as '30s'"],
    [{ max_age: Number.NaN }, 'cannot be NaN'],
    [{ max_age: '7 days' as '7d' }, '\'streamConfig.max_age\' cannot be "7 days"'],
  ])('are refused if another unit was probably meant: %j', (settings, message) => {
    const streamConfig = { name: 'AUDIT', subjects: ['audit.>'], ...settings };
    expect(() => new NatsJetStreamClientProxy({ streamConfig })).toThrow(message);
  });
});
