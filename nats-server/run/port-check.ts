import { createServer } from 'node:net';

/**
 * Returns true if a process listens on the port. Binding to it does not depend on the wording of
 * logs.
 */
export async function isPortTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => resolve('code' in error && error.code === 'EADDRINUSE'));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(false)));
  });
}
