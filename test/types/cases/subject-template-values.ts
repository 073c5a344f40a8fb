import {
  subjectTemplate,
  type NatsJetStreamClientProxy,
  type SubjectParams,
  type SubjectTemplate,
} from '@nest-jetstream/transport';

declare const client: NatsJetStreamClientProxy;
declare const id: string;
declare const region: 'eu' | 'us';
declare const maybe: 'eu' | '';
declare const anything: any;
declare const order: { readonly region: string; readonly id: string; readonly product: string };
declare const params: SubjectParams<'order.:region.:id.created'>;
declare const version: `v${number}`;

const ORDER_CREATED = subjectTemplate<{ product: string }>()('order.:region.:id.created');
const values = { region: 'eu', id: '7' };

client.emit(ORDER_CREATED.for({ region: 'eu', id }), { product: 'Socks' });
export const created: `order.${string}.${string}.created` = ORDER_CREATED.for({ region, id: version });
export const fromAny = ORDER_CREATED.for({ region: anything, id: 'a*b' });
export const fromObject = ORDER_CREATED.for(order);
export const fromValues = ORDER_CREATED.for(values);
export const fromParams = ORDER_CREATED.for(params);
export const fromContext = ORDER_CREATED.for({ ...params, region: 'us' });
export const subjects = ['1', '2'].map((each) => ORDER_CREATED.for({ region: 'eu', id: each }));

declare const someTemplate: SubjectTemplate<string, { product: string }>;
export const ofSome: string = someTemplate.for({ region: 'eu', id });

// Generic values are not literals, so `for<unknown>` leaves them to run time.
export function genericTemplate<Template extends string>(
  template: SubjectTemplate<Template, unknown>,
  given: SubjectParams<Template>,
): string {
  return template.for<unknown>(given);
}
export function genericValue<Region extends 'eu' | 'us'>(where: Region): string {
  return ORDER_CREATED.for<unknown>({ region: where, id: '7' });
}
export function widened<Region extends 'eu' | 'us'>(where: Region): string {
  const text: string = where;
  return ORDER_CREATED.for({ region: text, id: '7' });
}

ORDER_CREATED.for({ region: 'eu', id: 'a.b' }); // error: JetStreamTypeError<"Value 'a.b' of ':id' contains '.', which separates tokens. Replace it.">
ORDER_CREATED.for({ region: '', id }); // error: JetStreamTypeError<"Value '' of ':region' is empty. Give the token a value.">
ORDER_CREATED.for({ region: '*', id: '7' }); // error: JetStreamTypeError<"Value '*' of ':region' is a wildcard. Use a value without '*' and '>'.">
ORDER_CREATED.for({ region: 'eu', id: '>' }); // error: JetStreamTypeError<"Value '>' of ':id' is a wildcard. Use a value without '*' and '>'.">
ORDER_CREATED.for({ region: '$JS', id: '7' }); // error: JetStreamTypeError<"Value '$JS' of ':region' begins with '$', which is reserved for nats-server. Use another value.">
ORDER_CREATED.for({ region: 'e u', id: '7' }); // error: JetStreamTypeError<"Value 'e u' of ':region' contains white space. Remove it.">
ORDER_CREATED.for({ region: 'eu', id: '7\n' }); // error: contains white space. Remove it.
ORDER_CREATED.for({ region: maybe, id: '7' }); // error: JetStreamTypeError<"Value '' of ':region' is empty. Give the token a value.">
ORDER_CREATED.for({ region: 'eu', id: undefined }); // error: Type 'undefined' is not assignable to type 'string'
ORDER_CREATED.for({ region: 'eu', id: `order.${id}` as const }); // error: contains '.', which separates tokens. Replace it.
client.emit(ORDER_CREATED.for({ region: 'eu', id: '' }), { product: 'Socks' }); // error: Value '' of ':id' is empty. Give the token a value.
ORDER_CREATED.for(); // error: Expected 1 arguments, but got 0
