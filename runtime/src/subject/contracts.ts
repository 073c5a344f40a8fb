/**
 * The subjects of an application and their events, for the strict mode: empty until it is
 * augmented, and from then on a plain string is typed too, and one that is not named here does not
 * compile.
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

/** True once anything is in {@link JetStreamContracts}. */
export type IsStrict = [keyof JetStreamContracts] extends [never] ? false : true;

/** The subjects that contracts name. */
export type ContractSubject = Extract<keyof JetStreamContracts, string>;
