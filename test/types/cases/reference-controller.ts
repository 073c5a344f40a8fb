// Controller of the plugin that this transport continues. Only the import path is changed.
// event-pattern.ts explains why strict projects of Nest 12 refuse it.
import { NatsJetStreamContext } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';

@Controller()
export class AppController {
  // error(nest-12 strict): Type 'unknown' is not assignable to type 'NatsJetStreamContext<
  @EventPattern('order.updated')
  public async orderUpdatedHandler(@Payload() data: string, @Ctx() context: NatsJetStreamContext) {
    context.message.ack();
    console.log('received: ' + context.message.subject, data);
  }

  // error(nest-12 strict): Type 'unknown' is not assignable to type 'NatsJetStreamContext<
  @EventPattern('order.created')
  public async orderCreatedHandler(
    @Payload() data: { id: number; name: string },
    @Ctx() context: NatsJetStreamContext,
  ) {
    context.message.ack();
    console.log('received: ' + context.message.subject, data);
  }

  // error(nest-12 strict): Type 'unknown' is not assignable to type 'NatsJetStreamContext<
  @EventPattern('order.deleted')
  public async orderDeletedHandler(@Payload() data: any, @Ctx() context: NatsJetStreamContext) {
    context.message.ack();
    console.log('received: ' + context.message.subject, data);
  }
}
