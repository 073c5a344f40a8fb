import type { JetStreamSession, OpenSession } from '../session/jetstream-session';

/**
 * Opens a session for a task. Closes its connection afterwards, unless it is used elsewhere.
 * @throws NatsConnectError (`CONNECT_FAILED`), and the errors of the task
 */
export async function withSession<Result>(
  session: JetStreamSession,
  task: (open: OpenSession) => Promise<Result>,
): Promise<Result> {
  const user = {};
  session.connection.retain(user);
  try {
    return await task(await session.open());
  } finally {
    await session.connection.release(user);
  }
}
