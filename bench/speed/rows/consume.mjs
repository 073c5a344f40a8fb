import { makeStream } from '../run/streams.mjs';
import { inPlace } from './in-place.mjs';

const CELLS = [
  { storage: 'memory', bytes: 128 },
  { storage: 'memory', bytes: 1_024 },
  { storage: 'file', bytes: 128 },
  { storage: 'file', bytes: 1_024 },
];
const DEFAULTS_TARGET = { 128: 1.25, 1_024: 1.2 };
const TUNED_TARGET = { 128: 1.6, 1_024: 1.3 };
const REFERENCE_TARGET = { 128: 0.35, 1_024: 0.4 };

/**
 * CPU time per handled message, compared with a nats.js consumer with a callback and an
 * acknowledgement.
 */
export const consumeGroups = CELLS.map(({ storage, bytes }) => ({
  name: `consume ${storage} ${bytes}`,
  async prepare({ connection, url, peers }, scale) {
    const warmUp = Math.round(20_000 * scale);
    const messages = Math.round(60_000 * scale);
    const { manager, name, subject } = await makeStream(connection, { storage, bytes, events: warmUp + messages });
    const given = { url, stream: name, subject, bytes, warmUp, messages, prefetch: 1_000 };
    const after = async ({ run }) => void (await manager.consumers.delete(name, run).catch(() => false));
    const ours = (more) => ({ program: 'consume-ours', given: { ...given, ...more }, after });
    return {
      raw: { program: 'consume-raw', given, after },
      auto: ours({}),
      defaults: ours({ prefetch: undefined }),
      manual: ours({ style: 'manual' }),
      'pipe and interceptor': ours({ style: 'pipe and interceptor' }),
      batch: ours({ style: 'batch' }),
      keys: ours({ style: 'keys' }),
      'raw double': { program: 'consume-raw', given: { ...given, ...doubled(given), double: true }, after },
      double: ours({ ...doubled(given), options: { ackMode: 'double' } }),
      core: { program: 'consume-core', given: { ...given, subject: `core.${storage}.${bytes}` } },
      ...(peers.reference && { reference: { program: 'consume-reference', folder: peers.reference, given, after } }),
    };
  },
  rows: inPlace(`${storage} ${bytes} B`, [
    row('defaults', 'auto ack', DEFAULTS_TARGET[bytes]),
    row('auto', 'auto ack, prefetch 1,000', TUNED_TARGET[bytes]),
    row('manual', 'manual ack, prefetch 1,000'),
    row('pipe and interceptor', 'a pipe and an interceptor, prefetch 1,000'),
    row('batch', 'batch handler, 100 at a time, prefetch 1,000'),
    row('keys', 'key lanes, 100 keys, prefetch 1,000'),
    { ...row('double', 'double ack, prefetch 1,000'), against: 'raw double' },
    {
      ...row('defaults', 'auto ack, against the plugin of the reference', REFERENCE_TARGET[bytes]),
      against: 'reference',
    },
    row('reference', 'the plugin of the reference'),
    row('core', "Nest's core NATS transport, nothing stored or acknowledged"),
  ]),
}));

function row(variant, name, target) {
  return { name: `consume: ${name}`, variant, against: 'raw', figure: 'cpuUs', unit: 'µs CPU', target };
}

/** Returns a quarter of the messages, because each waits for an answer. */
function doubled({ warmUp, messages }) {
  return { warmUp: Math.round(warmUp / 4), messages: Math.round(messages / 4) };
}
