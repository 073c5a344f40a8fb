/**
 * Subjects of an application and their events, for strict mode. Empty until you augment it. From
 * then on plain strings are typed too, and a subject that is not listed does not compile.
 *
 * ```ts
 * declare module '@nest-jetstream/transport' {
 *   interface JetStreamContracts {
 *     'order.created': OrderCreatedEvent;
 *   }
 * }
 * ```
 */
export interface JetStreamContracts {}

/** True if {@link JetStreamContracts} lists a subject. */
export type IsStrict = [keyof JetStreamContracts] extends [never] ? false : true;

/** Subjects that {@link JetStreamContracts} lists. */
export type ContractSubject = Extract<keyof JetStreamContracts, string>;
