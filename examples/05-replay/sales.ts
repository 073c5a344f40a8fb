import { defineStream, subject } from '@nest-jetstream/transport';

export interface SoldEvent {
  product: string;
  quantity: number;
}

export const SOLD = subject<SoldEvent>()('sale.sold');
export const SalesStream = defineStream({ name: 'SALES', subjects: ['sale.>'], events: { SOLD } });
