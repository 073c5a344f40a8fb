import { fileName } from '../../schematics/shared/naming/file-name';
import { singular } from '../../schematics/shared/naming/singular';
import { covers, eventSubject, overlap, streamSubject } from '../../schematics/shared/subject/subject';
import { parseHandlerSubject } from '../../schematics/shared/subject/parsed-subject';
import { constantCase, kebabCase, pascalCase } from '../../schematics/shared/naming/words';

describe('names of code', () => {
  it.each([
    ['order.created', 'OrderCreated', 'ORDER_CREATED', 'order-created'],
    ['OrderCreated.V1', 'OrderCreatedV1', 'ORDER_CREATED_V1', 'order-created-v1'],
    ['order.v2.created', 'OrderV2Created', 'ORDER_V2_CREATED', 'order-v2-created'],
    ['HTTPServer.started', 'HttpServerStarted', 'HTTP_SERVER_STARTED', 'http-server-started'],
    ['2fa.sent', '_2faSent', '_2FA_SENT', '2fa-sent'],
    ['order_line-added', 'OrderLineAdded', 'ORDER_LINE_ADDED', 'order-line-added'],
    ['class', 'Class', 'CLASS', 'class'],
    ['orders.OrderCreated', 'OrdersOrderCreated', 'ORDERS_ORDER_CREATED', 'orders-order-created'],
    ['ORDER', 'Order', 'ORDER', 'order'],
    ['m².sold', 'MSold', 'M_SOLD', 'm-sold'],
    ['注文.作成', '注文作成', '注文_作成', '注文-作成'],
    ['größe.geändert', 'GrößeGeändert', 'GRÖSSE_GEÄNDERT', 'größe-geändert'],
  ])('come from %s', (name, pascal, constant, kebab) => {
    expect([pascalCase(name), constantCase(name), kebabCase(name)]).toEqual([pascal, constant, kebab]);
  });

  it.each(
    Object.entries({
      orders: 'order',
      deliveries: 'delivery',
      boxes: 'box',
      addresses: 'address',
      batches: 'batch',
      invoices: 'invoice',
      payments: 'payment',
      purchases: 'purchase',
      responses: 'response',
      photos: 'photo',
      'order-events': 'order-event',
      Users: 'User',
    }),
  )('have a singular: %s', (plural, expected) => {
    expect(singular(plural)).toBe(expected);
  });

  it.each(
    'status news series analysis sms gas movies wolves heroes buses aliases statistics data people billing'.split(' '),
  )('are not changed without a certain singular: %s', (name) => {
    expect([singular(name), singular(`order-${name}`)]).toEqual([name, `order-${name}`]);
  });
});

describe('forms of a subject', () => {
  it.each([
    ['order.created', 'subject', 'order.created', 'order.created'],
    ['order.:region.created', 'template', 'order.*.created', 'order.created'],
    [':tenant.order.:id', 'template', '*.order.*', 'order'],
    ['order.*', 'pattern', 'order.*', 'any.order'],
    ['order.*.created', 'pattern', 'order.*.created', 'order.any.created'],
    ['order.>', 'pattern', 'order.>', 'every.order'],
    ['*.created', 'pattern', '*.created', 'any.created'],
    ['>', 'pattern', '>', 'every.event'],
    ['*', 'pattern', '*', 'any.event'],
  ])('%s is a %s', (text, kind, pattern, name) => {
    expect(parseHandlerSubject(text)).toEqual({ kind, text, pattern, name });
  });

  it.each([':id', 'order.:', 'order.:1', 'order.:a.:a', 'order.:a-b', 'order.>.x', 'order.:id.*'])(
    'are refused: %s',
    (text) => {
      expect(() => parseHandlerSubject(text)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
    },
  );

  it.each(['aux', 'Con', 'nul', 'prn', 'lpt9', 'com1'])('refuses %s, a reserved file name on Windows', async (name) => {
    expect(() => fileName('subject', name)).toThrow(/reserved file name on Windows\. .*--event-name/);
  });

  it.each(['console', 'com', 'com12', 'auxiliary', 'con.created'])('accepts %s as a file name', (name) => {
    expect(fileName('subject', name)).toBe(name.replace('.', '-'));
  });

  it.each(['a'.repeat(201), 'ä'.repeat(101)])('may not be longer than a file name', (name) => {
    expect(() => fileName('subject', name)).toThrow('is too long for a file name');
  });
});

describe('subjects', () => {
  it.each(['order.created', 'Order.Created', 'order.v2.created', '2fa.sent', 'order_line', 'größe.geändert'])(
    'may be %s',
    (subject) => {
      expect(eventSubject(subject)).toBe(subject);
    },
  );

  it.each([
    '',
    '.',
    'order.',
    '.order',
    'order..created',
    'order created',
    'order\tcreated',
    'order.\0',
    "order.'",
    'order."',
    'order.`',
    'order.*/',
    'order.*',
    'order.>',
    '>',
    '../order',
    'order/created',
    '$JS.API',
    'order.:id',
    'order.${x}',
    '-',
    '_._',
  ])('may not be %j', (subject) => {
    expect(() => eventSubject(subject)).toThrow(
      expect.objectContaining({ name: 'SchematicError', code: 'INVALID_OPTION' }),
    );
  });

  it.each(['order.>', 'order.*', '*.created', '>', 'order.*.created'])('of a stream may be %s', (subject) => {
    expect(streamSubject(subject)).toBe(subject);
  });

  it.each(['order.>.created', 'order.>>', 'order.a*', 'order.', "order.'"])('of a stream may not be %s', (subject) => {
    expect(() => streamSubject(subject)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  });

  it.each([
    ['order.>', 'order.created', true],
    ['order.>', 'order.created.eu', true],
    ['order.>', 'order', false],
    ['order.*', 'order.created', true],
    ['order.*', 'order.created.eu', false],
    ['order.created', 'Order.created', false],
    ['*.created', 'order.created', true],
    ['>', 'order.created', true],
  ])('%s covers %s: %s', (pattern, subject, expected) => {
    expect(covers(pattern, subject)).toBe(expected);
  });

  it.each([
    ['order.>', 'order.created', true],
    ['order.*', '*.created', true],
    ['order.*', 'invoice.*', false],
    ['order.*', 'order.*.eu', false],
    ['order', 'order.>', false],
    ['>', 'order', true],
  ])('%s and %s overlap: %s', (left, right, expected) => {
    expect([overlap(left, right), overlap(right, left)]).toEqual([expected, expected]);
  });
});
