import { request } from 'node:http';

const LIMIT_MS = 30_000;

/** Where an engine listens on this machine, unless DOCKER_HOST says otherwise. */
export const DEFAULT_SOCKET = '/var/run/docker.sock';

/**
 * One call of the Docker Engine API through a unix socket.
 * @param {string} socketPath
 * @param {string} method
 * @param {string} path
 * @returns {Promise<any>} the answer, parsed where it is JSON
 * @throws {Error} when nothing answers, or with an error
 */
export function callDocker(socketPath, method, path) {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, timeout: LIMIT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.once('end', () => {
        const isFine = response.statusCode < 400;
        if (!isFine) reject(new Error(`docker answers ${response.statusCode} to ${method} ${path}: ${text.trim()}`));
        else resolve(response.headers['content-type']?.includes('json') ? JSON.parse(text) : text);
      });
      response.once('error', reject);
    });
    call.once('timeout', () => call.destroy(new Error(`docker did not answer within ${LIMIT_MS / 1000} s`)));
    call.once('error', reject);
    call.end();
  });
}

/** The version of the engine behind a socket; undefined when none answers. */
export async function engineVersion(socketPath) {
  try {
    return (await callDocker(socketPath, 'GET', '/version')).Version;
  } catch {
    return undefined;
  }
}
