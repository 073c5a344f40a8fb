/**
 * What watermill's list asks of a transport, and more: what is false is not promised, and stands in
 * docs/guarantees.md under this name.
 */
export const FEATURES: Readonly<Record<string, boolean>> = {
  Persistent: true,
  'Consumer groups': true,
  'New subscribers receive old messages': true,
  'Order by key in one process': true,
  'Exactly once': false,
  'One copy after the duplicate window': false,
  'Order without a key': false,
  'Order over a lost connection': false,
  'Attempts of messages that die with another': false,
  'An interest stream without a consumer': false,
  Requests: false,
  'Ordered consumers': false,
};
