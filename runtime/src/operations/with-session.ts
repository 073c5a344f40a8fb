import { runAdminTask, type AdminTask } from '../admin/admin-task';
import type { JetStreamSession, OpenSession } from '../session/jetstream-session';

/**
 * Opens a session for a task. Closes its connection afterwards, unless it is used elsewhere.
 * @throws NatsConnectError (`CONNECT_FAILED`), and the errors of the task
 */
export async function withSession<Result>(
  session: JetStreamSession,
  task: (open: OpenSession) => Promise<Result>,
): Promise<Result> {
  return retained(session, async () => task(await session.open()));
}

/** Runs a task as {@link withSession} does, with the typed errors of `JetStreamAdmin`. */
export async function operate<Result>(
  session: JetStreamSession,
  task: AdminTask,
  run: (open: OpenSession) => Promise<Result>,
): Promise<Result> {
  return retained(session, async () => runAdminTask(session, task, run));
}

async function retained<Result>({ connection }: JetStreamSession, task: () => Promise<Result>): Promise<Result> {
  const user = {};
  connection.retain(user);
  try {
    return await task();
  } finally {
    await connection.release(user);
  }
}
