import { subject, subjectTemplate } from '@nest-jetstream/transport';

export interface QuotePrice {
  product: string;
  quantity: number;
}

export interface QuotedPrice {
  cents: number;
  discount?: string;
}

export interface StockAnswer {
  left: number;
}

export const QUOTE_PRICE = subject.request<QuotePrice, QuotedPrice>()('price.quote');
export const COUNT_STOCK = subjectTemplate.request<{ product: string }, StockAnswer>()('stock.:region.count');
