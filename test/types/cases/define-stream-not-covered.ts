import { defineStream, subject } from '@nest-jetstream/transport';
import { ORDER_CREATED, ORDER_UPDATED } from './orders.events.js';

export const OtherSubjects = defineStream({
  name: 'PAYMENTS',
  subjects: ['payment.*'],
  events: { ORDER_CREATED }, // error: Subject 'order.created' is not covered by the subjects of this stream.
});

export const OneOfTwo = defineStream({
  name: 'ORDERS',
  subjects: ['order.created'],
  events: {
    ORDER_CREATED,
    ORDER_UPDATED, // error: Subject 'order.updated' is not covered by the subjects of this stream.
  },
});

export const TooFewTokens = defineStream({
  name: 'ORDERS',
  subjects: ['order.*.*'],
  events: { ORDER_CREATED }, // error: Subject 'order.created' is not covered by the subjects of this stream.
});

export const PlainSubject = defineStream({
  name: 'SHOP',
  subjects: ['shop.*'],
  events: { OPENED: 'shop.door.opened' }, // error: Subject 'shop.door.opened' is not covered by the subjects of this stream.
});

export const NoSubjects = defineStream({
  name: 'ORDERS',
  subjects: [], // error: A stream needs at least one subject.
  events: { ORDER_CREATED }, // error: Subject 'order.created' is not covered by the subjects of this stream.
});

export const ListOfEvents = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: [ORDER_CREATED], // error: List subject constants by their names, such as { ORDER_CREATED }.
});

export const WithoutName = defineStream({
  name: 'ORDERS',
  subjects: ['order.>'],
  events: { ORDER_PAID: subject<{ id: number }>() }, // error: List subject constants by their names, such as { ORDER_CREATED }.
});
