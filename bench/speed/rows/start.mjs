import { makeStream } from '../run/streams.mjs';

/** Time from process start to the first message, including loading modules. */
export const startGroup = {
  name: 'start',
  async prepare({ connection, url }) {
    const { manager, name, subject } = await makeStream(connection, { storage: 'memory', bytes: 128, events: 1 });
    const given = { url, stream: name, subject };
    const after = async ({ run }) => void (await manager.consumers.delete(name, run).catch(() => false));
    return {
      raw: { program: 'first-message-raw', given, after },
      core: { program: 'first-message-nest', given: { ...given, transport: 'core' } },
      ours: { program: 'first-message-nest', given: { ...given, transport: 'ours' }, after },
    };
  },
  rows: [row('raw', 'nats.js alone'), row('core', "Nest's core NATS transport")],
};

function row(against, name) {
  return {
    name: `start to first message, against ${name}`,
    variant: 'ours',
    against,
    figure: 'startMs',
    unit: 'ms',
  };
}
