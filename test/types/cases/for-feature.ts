import { defineStream, NatsJetStreamTransport } from '@nest-jetstream/transport';
import { Module, type DynamicModule } from '@nestjs/common';
import { ORDER_CREATED } from './orders.events.js';

const OrdersStream = defineStream({ name: 'ORDERS', subjects: ['order.>'], events: { ORDER_CREATED } });
const LogsStream = defineStream({ name: 'LOGS', subjects: ['log.>'] });

@Module({ imports: [NatsJetStreamTransport.forFeature({ streams: [OrdersStream, LogsStream] })] })
export class OrdersModule {}

export const empty: DynamicModule = NatsJetStreamTransport.forFeature({ streams: [] });

NatsJetStreamTransport.forFeature(); // error: Expected 1 arguments, but got 0
NatsJetStreamTransport.forFeature({}); // error: Property 'streams' is missing
NatsJetStreamTransport.forFeature([OrdersStream]); // error: Property 'streams' is missing
NatsJetStreamTransport.forFeature({ streams: OrdersStream }); // error: missing the following properties from type 'readonly StreamDefinition
NatsJetStreamTransport.forFeature({ streams: ['ORDERS'] }); // error: Type 'string' is not assignable to type 'StreamDefinition
NatsJetStreamTransport.forFeature({ stream: [OrdersStream] }); // error: 'stream' does not exist in type 'NatsJetStreamFeatureOptions<

NatsJetStreamTransport.forFeature({ streams: [OrdersStream], connection: 'billing' });
NatsJetStreamTransport.forFeature({ streams: [OrdersStream], name: 'billing' }); // error: 'name' does not exist in type 'NatsJetStreamFeatureOptions<
