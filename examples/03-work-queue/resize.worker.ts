import { JetStreamConsumer, type NatsJetStreamContext, TerminateError } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { RESIZE, type ResizeJob } from './jobs.js';

@Controller()
export class ResizeWorker {
  knowsText = false;

  @JetStreamConsumer(RESIZE, { durable: 'resize', maxDeliver: 4, retryDelay: ['200ms', '500ms'] })
  handle(@Payload() { picture }: ResizeJob, @Ctx() { deliveryCount }: NatsJetStreamContext): void {
    if (picture.endsWith('.txt') && !this.knowsText) throw new TerminateError(`${picture} is not a picture`);
    if (picture === 'busy.png' && deliveryCount < 3) throw new Error('the disk is busy');
    console.log(`resized ${picture} at attempt ${deliveryCount}`);
  }
}
