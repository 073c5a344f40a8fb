import { request } from 'node:http';

const LIMIT_MS = 30_000;

/** The default socket of an engine. DOCKER_HOST overrides it. */
export const DEFAULT_SOCKET = '/var/run/docker.sock';

/**
 * Calls the Docker Engine API through a Unix socket.
 * @param {string} socketPath
 * @param {string} method
 * @param {string} path
 * @returns {Promise<any>} the response, parsed if it is JSON
 * @throws {Error} if the engine does not respond, or responds with an error
 */
export function callDocker(socketPath, method, path) {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, timeout: LIMIT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.once('end', () => {
        const isFine = response.statusCode < 400;
        if (!isFine)
          reject(new Error(`docker responded to ${method} ${path} with ${response.statusCode} (${text.trim()})`));
        else resolve(response.headers['content-type']?.includes('json') ? JSON.parse(text) : text);
      });
      response.once('error', reject);
    });
    call.once('timeout', () => call.destroy(new Error(`docker did not respond within ${LIMIT_MS / 1000} s`)));
    call.once('error', reject);
    call.end();
  });
}

/** Returns the version of the engine behind a socket, if it responds. */
export async function engineVersion(socketPath) {
  try {
    return (await callDocker(socketPath, 'GET', '/version')).Version;
  } catch {
    return undefined;
  }
}
