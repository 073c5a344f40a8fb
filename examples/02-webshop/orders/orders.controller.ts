import { Controller, Get } from '@nestjs/common';
import { OrdersService } from './orders.service.js';

@Controller()
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Get('create')
  async create(): Promise<string> {
    const { seq } = await this.orders.create();
    return `order created: #${seq}`;
  }

  @Get('update')
  async update(): Promise<string> {
    const { seq } = await this.orders.update();
    return `order updated: #${seq}`;
  }

  @Get('delete')
  async delete(): Promise<string> {
    const { seq } = await this.orders.delete();
    return `order deleted: #${seq}`;
  }
}
