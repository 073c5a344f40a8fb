/**
 * Types of values that the codec of your application carries and JSON does not. Augment it if you
 * use a `serializer` and a `deserializer`, and schemas may have these types:
 *
 * ```ts
 * declare module '@nest-jetstream/transport' {
 *   interface JetStreamCodecValues {
 *     date: Date;
 *   }
 * }
 * ```
 */
export interface JetStreamCodecValues {}

type Primitive = string | number | boolean | null | undefined;
type Carried = JetStreamCodecValues[keyof JetStreamCodecValues];

/** Result of `JSON.parse(JSON.stringify(value))`. `Lost` for a value that cannot be encoded. */
type Decoded<Value> = 0 extends 1 & Value
  ? Value
  : unknown extends Value
    ? Value
    : Value extends Primitive
      ? Value
      : Value extends Carried
        ? Value
        : Value extends { toJSON(): infer Json }
          ? Decoded<Json>
          : Value extends bigint | symbol | Unencodable
            ? Lost
            : Value extends readonly unknown[]
              ? Value[number][] extends Value
                ? DecodedArray<Value[number]>
                : { [Index in keyof Value]: Decoded<Value[Index]> }
              : { [Key in keyof Value as Value[Key] extends Method ? never : Key]: Decoded<Value[Key]> };

/** An interface, so that the compiler resolves its elements when it needs them. */
interface DecodedArray<Value> extends Array<Decoded<Value>> {}

declare const LOST: unique symbol;
interface Lost {
  readonly [LOST]: true;
}

type Method = (...args: never[]) => unknown;

/** Objects whose content JSON drops. */
type Unencodable = Method | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | PromiseLike<unknown>;

/** True if JSON changes the type of a value, for example a Date to a string. */
export type IsChangedByJson<Value> = [Decoded<Value>] extends [Value] ? false : true;

/** A property that JSON changes. `never` if it is the value itself. */
export type ChangedProperty<Value> = [Value] extends [Leaf]
  ? never
  : One<
      keyof {
        [
          Key in keyof Value as Key extends string ? (IsChangedByJson<Value[Key]> extends true ? Key : never) : never
        ]: 1;
      }
    >;

type Leaf = Primitive | bigint | symbol | readonly unknown[] | Unencodable | { toJSON(): unknown };

/** Single member of a union. Which member is up to the compiler. */
type One<Union> = (Union extends unknown ? (given: (one: Union) => void) => void : never) extends (
  given: infer All,
) => void
  ? All extends (one: infer Last) => void
    ? Last
    : never
  : never;
