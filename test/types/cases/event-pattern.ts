// @nestjs/microservices 12 types the parameters after the event as `unknown`: under strictFunctionTypes, a typed context
// compiles with `@EventPattern<string>` only. The same goes for the contexts of Nest's own transports.
import { NATS_JETSTREAM, NatsJetStreamContext } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { ORDER_CREATED, ORDER_UPDATED, type OrderCreatedEvent } from './orders.events.js';

@Controller()
export class PatternController {
  // error(nest-12 strict): Type 'unknown' is not assignable to type 'NatsJetStreamContext'
  @EventPattern(ORDER_CREATED)
  handle(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
    console.log(event, context);
  }

  @EventPattern<string>(ORDER_CREATED)
  handleStated(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
    console.log(event, context);
  }

  @EventPattern(ORDER_CREATED, NATS_JETSTREAM)
  handleAlone(@Payload() event: OrderCreatedEvent): void {
    console.log(event);
  }

  @EventPattern<string>(ORDER_CREATED, NATS_JETSTREAM)
  contextFirst(@Ctx() context: NatsJetStreamContext, @Payload() event: OrderCreatedEvent): void {
    console.log(event, context);
  }

  @EventPattern([ORDER_CREATED, ORDER_UPDATED])
  handleBoth(@Payload('id') id: number): void {
    console.log(id);
  }

  @MessagePattern('order.find')
  find(@Payload() id: number): { id: number } {
    return { id };
  }
}
