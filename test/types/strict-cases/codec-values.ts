import { subject, type StandardSchema } from '@nest-jetstream/transport';

declare module '@nest-jetstream/transport' {
  interface JetStreamCodecValues {
    date: Date;
    map: ReadonlyMap<unknown, unknown>;
  }
}

declare const dated: StandardSchema<{ at: Date; totals: Map<string, number> }>;
declare const counted: StandardSchema<{ at: Date; count: bigint }>;

subject(dated)('bill.dated');
subject(counted)('bill.counted'); // error: JSON changes the type of 'count', so no message matches this schema. Use a type of JSON, such as string.
