import { JetStreamConsumer, subject } from '@nest-jetstream/transport';
import { Payload } from '@nestjs/microservices';

interface Sent {
  kind: 'sent';
  carrier: string;
}
interface Lost {
  kind: 'lost';
}
export const SHIPMENT_CHANGED = subject<Sent | Lost>()('shipment.changed');
export const STOCK_SWITCHED = subject<boolean>()('stock.switched');
export const ANYTHING_SAID = subject<any>()('anything.said');

export class ShipmentConsumer {
  @JetStreamConsumer(SHIPMENT_CHANGED)
  whole(@Payload() event: Sent | Lost): void {
    console.log(event.kind);
  }

  @JetStreamConsumer(SHIPMENT_CHANGED)
  common(@Payload() event: { kind: string }): void {
    console.log(event.kind);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(SHIPMENT_CHANGED)
  part(@Payload() event: Sent): void {
    console.log(event.carrier);
  }

  @JetStreamConsumer(STOCK_SWITCHED)
  truth(@Payload() on: boolean): void {
    console.log(on);
  }

  // error: The first parameter must accept the event of this subject, EventOf<typeof SUBJECT>.
  @JetStreamConsumer(STOCK_SWITCHED)
  half(@Payload() on: true): void {
    console.log(on);
  }

  @JetStreamConsumer(ANYTHING_SAID)
  anything(@Payload() event: Sent): void {
    console.log(event);
  }
}
