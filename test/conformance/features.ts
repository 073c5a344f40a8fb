/**
 * The features of watermill's universal tests, and some more. Those that are false are not
 * promised, and docs/guarantees.md lists them under this name.
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
