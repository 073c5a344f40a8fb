const WIDTH = 56;

const row = (left, right) => `  ${left.padEnd(WIDTH)}  ${right}`;

/** The two sides of one event next to each other. */
export function describeOrder({ sent, ack, received }) {
  const left = [
    'published (PubAck)',
    `order.created ${JSON.stringify(sent)}`,
    `stream ${ack.stream}`,
    `sequence ${ack.seq}`,
  ];
  const right = ['received (handler log)', received];
  return left.map((text, index) => row(text, right[index] ?? '').trimEnd()).join('\n');
}

/** The same order from a shell, to the port that a project listens on by itself. */
export function orderCommand(order) {
  return `curl -H 'content-type: application/json' -d '${JSON.stringify(order)}' http://127.0.0.1:3000/orders`;
}

/** How to go on in a project that was kept. */
export function describeKept(path) {
  return [
    `The project is in ${path}. Go on with:`,
    `  cd ${path}`,
    '  npx nest-jetstream server        # in one terminal',
    '  npm run start:dev                # in another',
    `  ${orderCommand({ id: 2, product: 'Hat', quantity: 1 })}`,
  ].join('\n');
}
