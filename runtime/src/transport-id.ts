/**
 * Identifies this transport to Nest: `@EventPattern(subject, NATS_JETSTREAM)` binds a handler to it
 * alone, in an application with several transports. Registered globally, so that two copies of this
 * package mean the same.
 */
export const NATS_JETSTREAM: unique symbol = Symbol.for('nest-jetstream');
