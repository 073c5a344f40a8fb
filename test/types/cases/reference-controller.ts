// The controller of the plugin that this transport continues: nothing is changed but the import
// path. event-pattern.ts tells why a strict project of Nest 12 refuses it, with the contexts of
// Nest's own transports too.
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
