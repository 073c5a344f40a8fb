import { defineStream, subject } from '@nest-jetstream/transport';

export interface BookedEvent {
  account: string;
  /** Counts the bookings of one account. */
  number: number;
}

export const BOOKED = subject<BookedEvent>()('booking.booked');
export const BookingsStream = defineStream({ name: 'BOOKINGS', subjects: ['booking.>'], events: { BOOKED } });
