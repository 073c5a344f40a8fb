import { JetStreamConsumer } from '@nest-jetstream/transport';
import { ORDER_CREATED } from './orders.events.js';

export class QuietConsumer {
  @JetStreamConsumer(ORDER_CREATED)
  handle(): void {}

  @JetStreamConsumer('order.plain')
  handlePlain(): void {}
}
