/** Values that a user, a script or an attacker may pass as an option. */
export const HOSTILE_VALUES: readonly string[] = [
  ['', ' ', '.', '..', '../evil', String.raw`..\evil`, '/etc/x', String.raw`C:\x`, 'a/../../b', '%2e%2e%2f', '~/.ssh'],
  ['con', 'aux', 'nul.ts'],
  ["a'b", 'a"b', 'a`b', '${process.exit(1)}', '<%= process.env %>', '<%- x %>', '{{constructor}}'],
  [
    '*/ globalThis.x=1 /*',
    '// x\nconsole.log(1)',
    '\u2028',
    '\u2029',
    '\r\n',
    '\\',
    'a\\',
    '</script>',
    "');process.exit(1);('",
  ],
  [
    'class',
    'default',
    'await',
    'arguments',
    'eval',
    'constructor',
    'prototype',
    '__proto__',
    'hasOwnProperty',
    'toString',
  ],
  ['undefined', 'any', 'never', 'Object', 'Promise', 'Module', 'Injectable', 'Controller', 'subject', 'defineStream'],
  ['1order', '123', '-x', '--force', 'order-created', 'order_created', 'orderCreated', 'Order Created', 'ORDER'],
  [
    'ордер',
    '订单',
    'é',
    'e\u0301',
    '🚀',
    '\u200B',
    '\u202E',
    'a\u202Eb',
    'a\0b',
    '\uFEFF',
    '\uD800',
    'x'.repeat(300),
    'x.'.repeat(300),
  ],
  ['a-b', '1a', 'a.b', 'get', 'then', 'toJSON', '$ref', '@', 'a@b'],
  [
    'orders',
    'orders.*',
    'orders.>',
    '>',
    '*',
    'orders..x',
    '.orders',
    'orders.',
    'orders.>.x',
    'or*ders',
    'orders created',
  ],
  ['$JS.API.>', '$SYS.>', '_INBOX.x', '$KV.b.>', 'order.:', 'order.:a.:a', 'order.:class', ':a', 'x'.repeat(5000)],
  [
    'a b',
    'a*',
    'a>',
    'a/b',
    'orders/order.created',
    '1 day',
    '-1',
    'NaN',
    '1e30',
    '0s',
    '99999999999d',
    'true',
    'null',
    '[]',
    '{}',
  ],
  [
    'id: string',
    'id: string; } export const x = { y: 1',
    'id: typeof process',
    'id: `${string}`',
    'id: import("fs").Stats',
    'then: string',
  ],
  [
    '__proto__: string',
    'constructor: string',
    'id: Date',
    'id: string; id: string',
    '"a\'b": string',
    'id: "*/"',
    'get x(): string',
  ],
].flat();

/** Characters that hide code from readers, or break lines invisibly. */
export const HIDDEN_CHARACTERS =
  /(?![\t\n\r])\p{Cc}|[\u200B\u200E\u200F\u202A-\u202E\u2028\u2029\u2066-\u2069]|\p{Cs}/u;

/** Returns a seeded random number generator (mulberry32) for numbers from 0 to below 1. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
