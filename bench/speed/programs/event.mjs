const EMPTY = JSON.stringify(eventOf(0, ''));

/** An event whose JSON has about this many bytes. */
export function eventOf(id, filler) {
  return { id, product: 'Socks', quantity: 3, customer: { id: 4711, country: 'NL' }, filler };
}

/** Gives events of `bytes`, each with its number. */
export function eventsOf(bytes) {
  const filler = 'x'.repeat(Math.max(0, bytes - EMPTY.length - 5));
  return (id) => eventOf(id, filler);
}
