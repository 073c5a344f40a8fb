const BOUNDED = "'prefetch' is what a process asks for at most, and the limit would refuse its requests";
const SHARED =
  "instances of a service share its messages evenly; orderAcross: 'instances' pins one of them, for the order of each key";

/** What nats.js's consumers have and ours do not, and what to do instead. */
export const REFUSED_OPTIONS: Readonly<Record<string, string>> = {
  name: "the name on the server is 'durable'",
  maxBatch: BOUNDED,
  maxBytes: BOUNDED,
  maxExpires: BOUNDED,
  pauseUntil: 'a date in the code would be one of the past soon: JetStreamAdmin.pauseConsumer pauses it',
  priorityGroups: SHARED,
  priorityPolicy: SHARED,
  priorityTimeout: SHARED,
};
