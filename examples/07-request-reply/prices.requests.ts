import { subject } from '@nest-jetstream/transport';

export interface AskPrice {
  product: string;
}

export interface Price {
  euros: number;
}

export interface Stock {
  left: number;
}

export const ASK_PRICE = subject.request<AskPrice, Price>()('price.ask');
export const COUNT_STOCK = subject.request<AskPrice, Stock>()('stock.count');
