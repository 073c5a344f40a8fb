import type { TestServer } from './nats-server';

interface MonitoredConnection {
  readonly cid: number;
  readonly name?: string;
  readonly authorized_user?: string;
}

/** The clients that a server sees, by its monitoring endpoint; start it with `monitor: true`. */
export async function connectionsOf({ monitorUrl }: TestServer): Promise<MonitoredConnection[]> {
  const answer = await fetch(`${monitorUrl}/connz?auth=1`);
  const { connections } = (await answer.json()) as { connections: MonitoredConnection[] };
  return connections;
}

/** How many clients a server has seen since it was started. */
export async function connectionsEver({ monitorUrl }: TestServer): Promise<number> {
  const answer = await fetch(`${monitorUrl}/varz`);
  return ((await answer.json()) as { total_connections: number }).total_connections;
}
