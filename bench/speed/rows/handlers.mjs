import { jetstreamManager } from '@nats-io/jetstream';

const HANDLERS = 500;
const STREAM = 'BENCH_many';

/** An application with many handlers. */
export const handlersGroup = {
  name: 'handlers',
  async prepare({ connection, url, monitorUrl }) {
    const manager = await jetstreamManager(connection);
    const again = async () => {
      await manager.streams.delete(STREAM).catch(() => false);
      await manager.streams.add({ name: STREAM, subjects: ['many.>'], storage: 'memory' });
    };
    await again();
    return { ours: { program: 'many-handlers', given: { url, monitorUrl, handlers: HANDLERS }, after: again } };
  },
  rows: [
    row('startMs', 'start', 'ms', 3_000),
    row('connections', 'connections', '', 1),
    row('subscriptions', 'subscriptions', ''),
  ],
};

function row(figure, name, unit, target) {
  return { name: `${HANDLERS} handlers: ${name}`, variant: 'ours', figure, unit, target };
}
