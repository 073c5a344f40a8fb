import { callDocker } from './api.mjs';

/**
 * Label of containers and networks of tests. The value is the id of the process that created them.
 * test/support/docker uses the same name.
 */
const LABEL = 'nest-jetstream.test.pid';

/** Removes containers and networks of test processes that exited without removing them. */
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
