// Texts of the rules between options. They are used by the checks at startup and by the
// compile-time checks in option-checks.types.ts, so this file has no code.

const NOT_ACKNOWLEDGED = 'an ordered consumer does not acknowledge messages';
const ONE_AT_A_TIME = 'an ordered consumer handles one message at a time';
const NOT_SHARED = 'an ordered consumer is a pull consumer of one process';
const IN_MEMORY = 'the server keeps an ordered consumer in memory, for one process';
const WITHOUT_ACKS = 'messages are then neither acknowledged nor redelivered';
const NO_HEARTBEATS = 'the server sends flow control and heartbeats to one instance, not to a group';
const OTHER_START = 'this deliverPolicy sets another start position';
const ONE_START = 'a consumer starts at a sequence or at a time';
const ONE_ACK_PER_MESSAGE = 'failover requires an acknowledgement for each message';
const MANY_KEYS = 'a batch has messages of many keys, in stream order';
const SAME_OPTION = 'they are two names of one option';

const PULL_ONLY = {
  maxWaiting: 'maxWaiting is for pull consumers only',
  maxMessages: 'maxMessages is for pull consumers only, and maxAckPending limits a push consumer',
  'orderAcross: instances': 'orderAcross is for pull consumers only',
} as const;
const OTHER_STARTS = { startSequence: OTHER_START, startTime: OTHER_START, startAtTimeDelta: OTHER_START } as const;

/**
 * Options that cannot be combined: `{ [label]: { [refused label]: reason } }`. A label is the name
 * of an option that is set and not false, or a name and a value. The error is about the refused
 * one.
 */
export const CONFLICTS = {
  ackWait: { backoff: 'backoff sets the redelivery delays itself' },
  'ackPolicy: none': {
    maxDeliver: WITHOUT_ACKS,
    ackWait: WITHOUT_ACKS,
    backoff: WITHOUT_ACKS,
    retryDelay: WITHOUT_ACKS,
    maxAckPending: WITHOUT_ACKS,
    manualAck: WITHOUT_ACKS,
    'orderAcross: instances': ONE_ACK_PER_MESSAGE,
  },
  'ackPolicy: all': {
    'orderAcross: instances': ONE_ACK_PER_MESSAGE,
  },
  deliverToSubject: { ...PULL_ONLY, deliverTo: 'both name the subject to deliver to' },
  deliverTo: PULL_ONLY,
  deliverGroup: PULL_ONLY,
  limit: PULL_ONLY,
  flowControl: { ...PULL_ONLY, deliverGroup: NO_HEARTBEATS },
  idleHeartbeat: { deliverGroup: NO_HEARTBEATS },
  deliverPolicy: { deliveryPolicy: SAME_OPTION },
  maxWaiting: { maxwaiting: SAME_OPTION },
  filterSubjects: { filterSubject: SAME_OPTION },
  startAtTimeDelta: { startTime: 'both name the start time' },
  startSequence: { startTime: ONE_START, startAtTimeDelta: ONE_START },
  'deliverPolicy: all': OTHER_STARTS,
  'deliverPolicy: last': OTHER_STARTS,
  'deliverPolicy: new': OTHER_STARTS,
  'deliverPolicy: last_per_subject': OTHER_STARTS,
  'deliverPolicy: by_start_time': { startSequence: OTHER_START },
  'deliverPolicy: by_start_sequence': { startTime: OTHER_START, startAtTimeDelta: OTHER_START },
  'orderAcross: instances': {
    manualAck: 'later messages would overtake a manual retry',
    backoff: 'later messages would overtake during a backoff delay',
    'durable: false': 'each instance then receives all messages',
  },
  batch: { orderBy: MANY_KEYS, 'orderAcross: instances': MANY_KEYS },
  orderedConsumer: {
    durable: 'an ordered consumer does not store its position',
    'ackPolicy: explicit': NOT_ACKNOWLEDGED,
    'ackPolicy: all': NOT_ACKNOWLEDGED,
    ackWait: NOT_ACKNOWLEDGED,
    ackMode: NOT_ACKNOWLEDGED,
    maxAckPending: NOT_ACKNOWLEDGED,
    maxDeliver: NOT_ACKNOWLEDGED,
    backoff: NOT_ACKNOWLEDGED,
    retryDelay: NOT_ACKNOWLEDGED,
    terminateOn: NOT_ACKNOWLEDGED,
    manualAck: NOT_ACKNOWLEDGED,
    sample: NOT_ACKNOWLEDGED,
    concurrency: ONE_AT_A_TIME,
    orderBy: ONE_AT_A_TIME,
    orderAcross: ONE_AT_A_TIME,
    batch: ONE_AT_A_TIME,
    deliverTo: NOT_SHARED,
    deliverToSubject: NOT_SHARED,
    deliverGroup: NOT_SHARED,
    flowControl: NOT_SHARED,
    limit: NOT_SHARED,
    maxWaiting: NOT_SHARED,
    description: IN_MEMORY,
    inactiveThreshold: IN_MEMORY,
    numReplicas: IN_MEMORY,
    memStorage: IN_MEMORY,
    metadata: IN_MEMORY,
    monitor: IN_MEMORY,
  },
} as const;

/** Options that require another: `{ [label]: [required, reason] }`. */
export const REQUIREMENTS = {
  'ackPolicy: all': ["'manualAck'", 'one acknowledgement also settles earlier messages that still run'],
  'headersOnly: true': ["deadLetter 'off' or a function", 'a copied dead letter would have no body'],
  'orderAcross: instances': ["'orderBy'", 'it returns the key whose messages stay in order'],
  'deliverPolicy: by_start_sequence': ["'startSequence'", 'it is the position to start at'],
  'deliverPolicy: by_start_time': ["'startTime' or 'startAtTimeDelta'", 'it is the position to start at'],
} as const;

/** Texts about a single value that is also checked at compile time. */
export const VALUE_RULES = {
  backoff: "Option 'backoff' cannot be an empty list. Pass at least one delay, such as ['1s', '10s'].",
  longBackoff:
    "Option 'backoff' has more delays than 'maxDeliver' allows deliveries. Remove some delays or raise maxDeliver.",
  retryDelay: "Option 'retryDelay' cannot be an empty list. Pass at least one delay, such as ['1s', '10s'].",
} as const;
