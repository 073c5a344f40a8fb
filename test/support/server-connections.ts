import type { TestServer } from './nats-server';

interface MonitoredConnection {
  readonly cid: number;
  readonly name?: string;
  readonly authorized_user?: string;
}

/** Returns the clients of a server that was started with `monitor: true`. */
export async function connectionsOf({ monitorUrl }: TestServer): Promise<MonitoredConnection[]> {
  const answer = await fetch(`${monitorUrl}/connz?auth=1`);
  const { connections } = (await answer.json()) as { connections: MonitoredConnection[] };
  return connections;
}

/** Returns how many clients have connected since the server started. */
export async function connectionsEver({ monitorUrl }: TestServer): Promise<number> {
  const answer = await fetch(`${monitorUrl}/varz`);
  return ((await answer.json()) as { total_connections: number }).total_connections;
}
