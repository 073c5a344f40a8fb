import { JetStreamConsumer } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { setTimeout as delay } from 'node:timers/promises';
import { BOOKED, type BookedEvent } from './bookings.js';

@Controller()
export class BookingsConsumer {
  private readonly last = new Map<string, number>();
  private readonly running = new Set<string>();
  private handled = 0;
  private outOfOrder = 0;
  private atATime = 0;

  @JetStreamConsumer(BOOKED, {
    durable: 'bookings',
    concurrency: 16,
    retryDelay: ['50ms'],
    orderBy: ({ account }) => account,
  })
  async handle(@Payload() { account, number }: BookedEvent): Promise<void> {
    this.running.add(account);
    this.atATime = Math.max(this.atATime, this.running.size);
    await delay(Math.random() * 20);
    this.running.delete(account);
    // One in ten fails, and is retried before the next booking of its account.
    if (Math.random() < 0.1) throw new Error(`booking ${number} of ${account} fails`);
    this.book(account, number);
  }

  private book(account: string, number: number): void {
    if (number !== (this.last.get(account) ?? 0) + 1) this.outOfOrder += 1;
    this.last.set(account, number);
    this.handled += 1;
    if (this.handled === 100)
      console.log(`booked 100, ${this.outOfOrder} out of order, ${this.atATime > 1 ? 'many' : 'one'} at a time`);
  }
}
