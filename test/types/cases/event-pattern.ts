// @nestjs/microservices 12 types the parameters after the event as `unknown`. Under
// strictFunctionTypes a typed context compiles with `@EventPattern<string>` only. The same is true
// for the contexts of Nest's own transports.
import { NATS_JETSTREAM, NatsJetStreamContext } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { ORDER_CREATED, ORDER_UPDATED, type OrderCreatedEvent } from './orders.events.js';

@Controller()
export class PatternController {
  // error(nest-12 strict): Type 'unknown' is not assignable to type 'NatsJetStreamContext<
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

// With a map of one subject, Nest 12 checks the event and refuses a typed context.
@Controller()
export class MappedController {
  // error(nest-11): is not assignable to parameter of type '{ 'order.created': OrderCreatedEvent; }'
  @EventPattern<{ 'order.created': OrderCreatedEvent }>('order.created')
  mapped(@Payload() event: OrderCreatedEvent): void {
    console.log(event);
  }

  // error(nest-12): Type 'OrderCreatedEvent' is not assignable to type 'string'
  // error(nest-11): is not assignable to parameter of type '{ 'order.created': OrderCreatedEvent; }'
  @EventPattern<{ 'order.created': OrderCreatedEvent }>('order.created')
  another(@Payload() event: string): void {
    console.log(event);
  }

  // error(nest-12 strict): Type 'unknown' is not assignable to type 'NatsJetStreamContext<
  // error(nest-11): is not assignable to parameter of type '{ 'order.created': OrderCreatedEvent; }'
  @EventPattern<{ 'order.created': OrderCreatedEvent }>('order.created')
  withContext(@Payload() event: OrderCreatedEvent, @Ctx() context: NatsJetStreamContext): void {
    console.log(event, context);
  }
}
