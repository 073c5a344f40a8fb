import { StorageType, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { eventually } from './eventually';

const WITHIN_MS = 90_000;
const ANSWER_WITHIN_MS = 2_000;
const TRIAL = { name: 'PLACEMENT_TRIAL', subjects: ['placement.trial'], storage: StorageType.Memory };

/**
 * Waits until the cluster puts a stream on as many nodes. Neither `/healthz` of every node nor
 * `/jsz` of the leader says that it does: the leader refuses a node as offline until it has heard
 * of its storage, which comes later, and is shown nowhere.
 */
export async function placesStreamsOn(replicas: number, servers: readonly string[]): Promise<void> {
  const connection = await connect({ servers: [...servers], maxReconnectAttempts: -1, reconnectTimeWait: 100 });
  try {
    const { streams } = await jetstreamManager(connection, { timeout: ANSWER_WITHIN_MS, checkAPI: false });
    let refusal: unknown;
    const isPlaced = async (): Promise<boolean> => {
      try {
        // One of an attempt whose answer was lost is there already: the same again is no error.
        await streams.add({ ...TRIAL, num_replicas: replicas });
        return await streams.delete(TRIAL.name);
      } catch (error) {
        refusal = error;
        return false;
      }
    };
    await eventually(`a stream on ${replicas} nodes`, isPlaced, { withinMs: WITHIN_MS }).catch((late: unknown) => {
      throw new Error(String(late), { cause: refusal });
    });
  } finally {
    await connection.close();
  }
}
