import { createServer } from 'node:net';

/**
 * Whether something listens there already. Asked by binding, so that the answer does not depend on
 * any log's wording.
 */
export async function isPortTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => resolve('code' in error && error.code === 'EADDRINUSE'));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(false)));
  });
}
