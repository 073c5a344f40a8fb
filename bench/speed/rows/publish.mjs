import { makeStream } from '../run/streams.mjs';
import { inPlace } from './in-place.mjs';

const CELLS = [
  { storage: 'memory', bytes: 128, targets: { emitAsync: 0.25, noTraces: 0.45, emit: 0.35 } },
  { storage: 'memory', bytes: 1_024, targets: {} },
  { storage: 'file', bytes: 128, targets: {} },
  { storage: 'file', bytes: 1_024, targets: { emit: 0.5 } },
];

/** CPU time per published event, compared with `js.publish` of nats.js with its defaults. */
export const publishGroups = CELLS.flatMap(({ storage, bytes, targets }) =>
  [256, 1_000].map((inFlight) => ({
    name: `publish ${storage} ${bytes} ${inFlight}`,
    prepare: (context, scale) => prepared(context, { storage, bytes, inFlight }, scale),
    rows: inPlace(`${inFlight} in flight, ${storage} ${bytes} B`, [
      row('emitAsync', 'emitAsync', 'raw', targets.emitAsync),
      row('emitAsync', 'emitAsync, against js.publish with noAsyncTraces', 'raw without traces', targets.noTraces),
      row('emit', 'emit', 'raw', targets.emit),
      row('forget', 'emit without waiting', 'raw'),
      row('reference', 'the plugin of the reference, emit', 'raw'),
      row('core', "Nest's core NATS transport, emit, nothing confirmed", 'raw'),
    ]),
  })),
);

/** Events that are awaited one by one. */
export const oneByOneGroups = [{ storage: 'memory', bytes: 128 }].map(({ storage, bytes }) => ({
  name: `publish ${storage} ${bytes} one by one`,
  prepare: (context, scale) => prepared(context, { storage, bytes, inFlight: 1 }, scale),
  rows: inPlace(`${storage} ${bytes} B`, [
    { ...row('emitAsync', 'emitAsync one by one, p50', 'raw', 0.95), figure: 'p50Us', unit: 'µs' },
    { ...row('emit', 'emit one by one, p50', 'raw'), figure: 'p50Us', unit: 'µs' },
    { ...row('reference', 'the plugin of the reference one by one, p50', 'raw'), figure: 'p50Us', unit: 'µs' },
    row('emitAsync', 'emitAsync one by one', 'raw'),
  ]),
}));

async function prepared({ connection, url, peers }, { storage, bytes, inFlight }, scale) {
  const { manager, name, subject } = await makeStream(connection, { storage, bytes });
  const share = inFlight === 1 ? scale / 10 : scale;
  const warmUp = Math.round(15_000 * share);
  const messages = Math.round(40_000 * share);
  const given = { url, stream: name, subject, bytes, warmUp, messages, inFlight };
  const after = async () => void (await manager.streams.purge(name));
  const variant = (program, more = {}) => ({ program, given: { ...given, ...more }, after });
  return {
    raw: variant('publish-raw'),
    'raw without traces': variant('publish-raw', { noAsyncTraces: true }),
    emitAsync: variant('publish-ours'),
    emit: variant('publish-ours', { style: 'emit' }),
    ...(inFlight > 1 && { forget: variant('publish-ours', { style: 'forget' }), core: variant('publish-core') }),
    ...(peers.reference && { reference: { ...variant('publish-reference'), folder: peers.reference } }),
  };
}

function row(variant, name, against, target) {
  return { name: `publish: ${name}`, variant, against, figure: 'cpuUs', unit: 'µs CPU', target };
}
