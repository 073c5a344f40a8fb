import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JetStreamAdmin } from '@nest-jetstream/transport';
import { startTestServer } from '../support/nats-server';
import { startTestApp } from '../support/nest-app';

const READ_ONLY = `authorization { users: [
  { user: reader, password: reader, permissions: { publish: ["$JS.API.INFO", "$JS.API.STREAM.INFO.*"], subscribe: ">" } }
] }`;

it('JetStreamAdmin names the permission that its user lacks', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nats-permissions-'));
  try {
    const file = join(folder, 'server.conf');
    await writeFile(file, READ_ONLY);
    const { url } = await startTestServer({ extraArguments: ['-c', file] });
    const app = await startTestApp(url, { connectionOptions: { servers: url, user: 'reader', pass: 'reader' } });
    await expect(app.get(JetStreamAdmin).eraseMessage('ORDERS', 1)).rejects.toMatchObject({
      code: 'ADMIN_NOT_ALLOWED',
      message: expect.stringContaining("'$JS.API.STREAM.MSG.DELETE.ORDERS'") as string,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
