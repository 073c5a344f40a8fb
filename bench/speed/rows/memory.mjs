import { makeStream } from '../run/streams.mjs';

/** A process that handles a million messages as fast as possible. */
export const memoryGroup = {
  name: 'memory',
  rounds: 3,
  async prepare({ connection, url }, scale) {
    const messages = Math.round(1_000_000 * scale);
    const { manager, name, subject } = await makeStream(connection, { storage: 'file', bytes: 128, events: messages });
    const given = { url, stream: name, subject, messages };
    const after = async ({ run }) => void (await manager.consumers.delete(name, run).catch(() => false));
    return {
      raw: { program: 'memory-raw', given, after },
      ours: { program: 'memory-ours', given, after },
    };
  },
  rows: [
    {
      name: 'memory: peak while 1,000,000 messages are handled, file 128 B',
      variant: 'ours',
      against: 'raw',
      figure: 'peakMb',
      unit: 'MB',
    },
  ],
};

/** A handler of 10 ms with a million pending messages. The prefetch limits its memory. */
export const slowHandlerGroup = {
  name: 'slow handler',
  rounds: 3,
  async prepare({ connection, url }, scale) {
    const waiting = Math.round(1_000_000 * scale);
    const { manager, name, subject } = await makeStream(connection, { storage: 'file', bytes: 128, events: waiting });
    const given = { url, stream: name, subject, messages: Math.round(20_000 * scale), handlerMs: 10 };
    const after = async ({ run }) => void (await manager.consumers.delete(name, run).catch(() => false));
    return { ours: { program: 'memory-ours', given, after } };
  },
  rows: [
    row('growth', 'from 4,000 to 20,000 handled, as a ratio', '×', 1.15),
    row('lateMb', 'after 20,000 handled', 'MB'),
  ],
};

function row(figure, name, unit, target) {
  return { name: `memory: handler of 10 ms, 1,000,000 waiting, ${name}`, variant: 'ours', figure, unit, target };
}
