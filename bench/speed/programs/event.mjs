const EMPTY = JSON.stringify(eventOf(0, ''));

/** Returns an event with the filler. */
export function eventOf(id, filler) {
  return { id, product: 'Socks', quantity: 3, customer: { id: 4711, country: 'NL' }, filler };
}

/** Returns a factory of numbered events with about `bytes` bytes of JSON. */
export function eventsOf(bytes) {
  const filler = 'x'.repeat(Math.max(0, bytes - EMPTY.length - 5));
  return (id) => eventOf(id, filler);
}
