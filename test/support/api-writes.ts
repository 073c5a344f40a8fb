import type { JetStreamProbe } from './jetstream-probe';

const WRITES = /\.(CREATE|UPDATE|DELETE|PURGE|RESTORE|PAUSE)\b/;

/** Collects the subjects of all API calls that create, change or remove something from now on. */
export async function watchWrites({ connection }: JetStreamProbe): Promise<string[]> {
  const writes: string[] = [];
  connection.subscribe('$JS.API.>', {
    callback: (_, { subject }) => {
      if (WRITES.test(subject)) writes.push(subject);
    },
  });
  await connection.flush();
  return writes;
}
