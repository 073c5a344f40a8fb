/** What a consumer is doing; all but `running` mean that messages may wait. */
export type ConsumerState =
  | { readonly is: 'starting' }
  | { readonly is: 'waiting for a stream' }
  /** `full`: the server delivers no more, because as many messages are unacknowledged, over all instances, as `maxAckPending` allows. */
  | { readonly is: 'running'; readonly full?: number }
  | { readonly is: 'recovering'; readonly reason: string }
  /** The server refuses requests for messages, or the durable was handed over to another service. */
  | { readonly is: 'blocked'; readonly reason: string }
  /** Messages waited and ran longer than `maxProcessingTime`: they were let go, the slots of their handlers are still taken. */
  | { readonly is: 'stalled'; readonly messages: number }
  | { readonly is: 'stopped' };

/** A state as one line for people. */
export function describeState(state: ConsumerState): string {
  if (state.is === 'recovering' || state.is === 'blocked') return `${state.is}: ${state.reason}`;
  if (state.is === 'stalled') return `stalled: ${state.messages} messages are past maxProcessingTime`;
  if (state.is === 'running' && state.full !== undefined)
    return `running; ${state.full} of ${state.full} messages are unacknowledged: maxAckPending is reached`;
  return state.is;
}
