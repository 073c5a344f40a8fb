import { JetStreamConsumer, type ContextOf, type EventOf } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { ANY_OF_ACCOUNTS } from './accounts.js';

@Controller()
export class AuditConsumer {
  @JetStreamConsumer(ANY_OF_ACCOUNTS, { durable: 'audit', concurrency: 1 })
  handle(@Payload() event: EventOf<typeof ANY_OF_ACCOUNTS>, @Ctx() context: ContextOf<typeof ANY_OF_ACCOUNTS>): void {
    console.log(`audit #${context.sequence} ${event.owner} ${describe(context)}`);
  }
}

function describe(context: ContextOf<typeof ANY_OF_ACCOUNTS>): string {
  let said: string;
  switch (context.subject) {
    case 'account.opened':
      said = 'opened an account';
      break;
    case 'account.deposited':
      said = `deposited ${context.event.amount}`;
      break;
    case 'account.closed':
      said = `closed it: ${context.event.reason}`;
      break;
  }
  return said;
}
