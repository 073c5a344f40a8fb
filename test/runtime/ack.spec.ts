import { DeliveryReader, parseAckSubject } from '../../runtime/src/message/ack';

const V1 = '$JS.ACK.ORDERS.mail.3.1204.9.1764000000000000000.17';
const V2 = '$JS.ACK.hub.AbCdEf.ORDERS.mail.1.987654321.42.1764000000000000000.0.Xy9';

describe('DeliveryReader', () => {
  it.each([V1, V2])('reads the same numbers as parseAckSubject: %s', (reply) => {
    const { deliveryCount, streamSequence, deliverySequence } = parseAckSubject(reply);

    expect(new DeliveryReader().read(reply)).toEqual({ deliveryCount, streamSequence, deliverySequence });
  });

  it('reads subjects of another consumer, stream or version after the first', () => {
    const reader = new DeliveryReader();
    const replies = [V1, V1.replace('mail', 'stock'), V2, V1, V2.replace('.1.987654321.', '.12.987654322.')];

    expect(replies.map((reply) => reader.read(reply).deliveryCount)).toEqual([3, 3, 1, 3, 12]);
    expect(replies.map((reply) => reader.read(reply).streamSequence)).toEqual([1204, 1204, 987654321, 1204, 987654322]);
  });

  it('throws a TypeError for a subject that is not an ack subject', () => {
    expect(() => new DeliveryReader().read('order.created')).toThrow(TypeError);
  });
});
