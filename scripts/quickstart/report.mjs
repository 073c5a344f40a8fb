const WIDTH = 56;

const row = (left, right) => `  ${left.padEnd(WIDTH)}  ${right}`;

/** Returns the published and the received event side by side. */
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

/** Returns a shell command that sends an order to the default port of a project. */
export function orderCommand(order) {
  return `curl -H 'content-type: application/json' -d '${JSON.stringify(order)}' http://127.0.0.1:3000/order/created`;
}

/** Returns the next steps for a project that was kept. */
export function describeKept(path) {
  return [
    `The project is in ${path}. Continue with:`,
    `  cd ${path}`,
    '  npx nest-jetstream server        # in one terminal',
    '  npm run start:dev                # in another',
    `  ${orderCommand({ id: 2, product: 'Hat', quantity: 1 })}`,
  ].join('\n');
}
