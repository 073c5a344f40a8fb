/** The server's word that an event is stored. nats.js `PubAck`. */
export interface NatsJetStreamPubAck {
  /** Name of the stream that stored it. */
  readonly stream: string;
  /** Its sequence number in that stream. */
  readonly seq: number;
  /** True when the stream had an event of this message id already, so that nothing new was stored. */
  readonly duplicate: boolean;
  /** JetStream domain of the stream, where the server has one. */
  readonly domain?: string;
}
