import { runAdminTask, type AdminTask } from '../admin/admin-task';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';

/**
 * Runs a task of an operator with the typed errors of `JetStreamAdmin`. Closes the connection
 * afterwards, unless it is used elsewhere.
 */
export async function operate<T>(
  session: JetStreamSession,
  task: AdminTask,
  run: (open: OpenSession) => Promise<T>,
): Promise<T> {
  const user = {};
  session.connection.retain(user);
  try {
    return await runAdminTask(session, task, run);
  } finally {
    await session.connection.release(user);
  }
}
