import { freePort } from '../process/free-port.mjs';
import { startService } from '../process/service.mjs';

const START_LIMIT_MS = 60_000;
const EVENT_LIMIT_MS = 30_000;
const ORDER = { id: 1, product: 'Socks', quantity: 2 };

/** Starts the built shop on a free port. */
export async function startShop(shop, natsUrl) {
  const port = await freePort();
  const env = { ...shop.env(), NATS_URL: natsUrl, PORT: String(port) };
  const app = startService('node', ['dist/main.js'], { cwd: shop.path, env });
  await app.waitFor(/Nest application successfully started/, START_LIMIT_MS);
  return { app, url: `http://127.0.0.1:${port}` };
}

/**
 * Creates an order over HTTP. Returns the sent order, its PubAck and the log line of the handler.
 */
export async function placeOrder({ app, url }) {
  const response = await fetch(`${url}/order/created`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ORDER),
    signal: AbortSignal.timeout(EVENT_LIMIT_MS),
  });
  const body = await response.text();
  if (!response.ok)
    throw Object.assign(new Error(`POST /order/created responded with ${response.status} (${body}).`), {
      output: app.output(),
    });
  const [line] = await app.waitFor(/^.*\[OrderCreatedConsumer\].*$/m, EVENT_LIMIT_MS);
  return { sent: ORDER, ack: JSON.parse(body), received: line.replace(/^.*\[OrderCreatedConsumer\]\s*/, '') };
}
