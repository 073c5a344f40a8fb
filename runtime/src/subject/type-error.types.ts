declare const TYPE_ERROR: unique symbol;

/**
 * A type that accepts no value. The compiler prints its message, where a program passes a wrong
 * subject, option or value.
 */
export interface JetStreamTypeError<Message extends string> {
  readonly [TYPE_ERROR]: Message;
}

/** Message of a request constant without both of its types. */
export type MissingReply =
  "State the types of the request and its reply, such as subject.request<QuotePrice, QuotedPrice>()('price.quote').";

/** Message of the event of a constant without an event type. No event and no handler fit it. */
export type MissingEvent = "State the event type, such as subject<OrderCreatedEvent>()('order.created').";
