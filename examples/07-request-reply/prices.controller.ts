import { JetStreamResponder } from '@nest-jetstream/transport';
import { Controller } from '@nestjs/common';
import { Payload, RpcException } from '@nestjs/microservices';
import { ASK_PRICE, type AskPrice, type Price } from './prices.requests.js';

const PRICES = new Map([
  ['Socks', 5],
  ['Hat', 20],
]);

@Controller()
export class PricesController {
  @JetStreamResponder(ASK_PRICE)
  price(@Payload() { product }: AskPrice): Price {
    const euros = PRICES.get(product);
    if (euros === undefined) throw new RpcException(`${product} is not sold`);
    return { euros };
  }
}
