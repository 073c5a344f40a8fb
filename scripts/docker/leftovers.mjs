import { callDocker } from './api.mjs';

/**
 * Tests label what they make with it; the value is the process that made it. The same name is in
 * test/support/docker.
 */
const LABEL = 'nest-jetstream.test.pid';

/**
 * Removes containers and networks of test processes that are gone: they had no time to do it
 * themselves.
 */
export async function removeLeftovers(socket) {
  const filters = encodeURIComponent(JSON.stringify({ label: [LABEL] }));
  const containers = await callDocker(socket, 'GET', `/containers/json?all=1&filters=${filters}`);
  for (const { Id, Labels } of containers) {
    if (isGone(Labels)) await callDocker(socket, 'DELETE', `/containers/${Id}?force=1&v=1`);
  }
  const networks = await callDocker(socket, 'GET', `/networks?filters=${filters}`);
  for (const { Id, Labels } of networks) {
    if (isGone(Labels)) await callDocker(socket, 'DELETE', `/networks/${Id}`);
  }
}

function isGone(labels) {
  try {
    process.kill(Number(labels[LABEL]), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
