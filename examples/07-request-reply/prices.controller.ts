import { Controller } from '@nestjs/common';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';

export interface PriceQuestion {
  product: string;
}

const PRICES = new Map([
  ['Socks', 5],
  ['Hat', 20],
]);

@Controller()
export class PricesController {
  @MessagePattern('price.of')
  priceOf(@Payload() { product }: PriceQuestion): number {
    const price = PRICES.get(product);
    if (price === undefined) throw new RpcException(`${product} is not sold`);
    return price;
  }
}
