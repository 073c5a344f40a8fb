import { StorageType, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { eventually } from './eventually';

const ANSWER_WITHIN_MS = 2_000;
const TRIAL = { name: 'PLACEMENT_TRIAL', subjects: ['placement.trial'], storage: StorageType.Memory };

/**
 * Waits until the cluster can place a stream on `replicas` nodes. Neither `/healthz` nor `/jsz`
 * shows this, because the leader treats a node as offline until it has its storage report.
 */
export async function placesStreamsOn(replicas: number, servers: readonly string[]): Promise<void> {
  const connection = await connect({ servers: [...servers], maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  try {
    const { streams } = await jetstreamManager(connection, { timeout: ANSWER_WITHIN_MS, checkAPI: false });
    let refusal: unknown;
    const isPlaced = async (): Promise<boolean> => {
      try {
        // Adding the stream again succeeds if the answer to an earlier attempt was lost.
        await streams.add({ ...TRIAL, num_replicas: replicas });
        return await streams.delete(TRIAL.name);
      } catch (error) {
        refusal = error;
        return false;
      }
    };
    await eventually(`a stream on ${replicas} nodes`, isPlaced).catch((late: unknown) => {
      throw new Error(String(late), { cause: refusal });
    });
  } finally {
    await connection.close();
  }
}
