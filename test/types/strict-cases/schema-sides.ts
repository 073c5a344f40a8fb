import { subject, type NatsJetStreamClientProxy, type StandardSchema } from '@nest-jetstream/transport';

interface Noted {
  id: number;
  note: string;
}

declare module '@nest-jetstream/transport' {
  interface JetStreamContracts {
    'note.noted': Noted;
    'note.counted': number;
  }
}

declare const client: NatsJetStreamClientProxy;
declare const withDefault: StandardSchema<{ id: number; note?: string | undefined }, Noted>;
declare const textToNumber: StandardSchema<string, number>;

const NOTE_NOTED = subject(withDefault)('note.noted');
void client.emitAsync(NOTE_NOTED, { id: 1 });
void client.emitAsync('note.noted', { id: 1, note: 'mine' });
void client.emitAsync('note.noted', { id: 1 }); // error: Property 'note' is missing in type '{ id: number; }' but required in type 'Noted'.
const NOTE_SIZED = subject(textToNumber)('note.sized');
void client.emitAsync(NOTE_SIZED, '7');

subject(withDefault)('note.counted'); // error: JetStreamContracts lists another event for 'note.counted'.
subject(textToNumber)('note.counted'); // error: The schema of 'note.counted' transforms events, but JetStreamContracts has one type for it. Remove 'note.counted' from it.
