import { DeliveryReader, parseAckSubject } from '../../runtime/src/message/ack';

const V1 = '$JS.ACK.ORDERS.mail.3.1204.9.1764000000000000000.17';
const V2 = '$JS.ACK.hub.AbCdEf.ORDERS.mail.1.987654321.42.1764000000000000000.0.Xy9';

describe('the numbers of an acknowledgement subject', () => {
  it.each([V1, V2])('are read as from the whole of it: %s', (reply) => {
    const { deliveryCount, streamSequence, deliverySequence } = parseAckSubject(reply);

    expect(new DeliveryReader().read(reply)).toEqual({ deliveryCount, streamSequence, deliverySequence });
  });

  it('are read also when the consumer, the stream or the form is another one than before', () => {
    const reader = new DeliveryReader();
    const replies = [V1, V1.replace('mail', 'stock'), V2, V1, V2.replace('.1.987654321.', '.12.987654322.')];

    expect(replies.map((reply) => reader.read(reply).deliveryCount)).toEqual([3, 3, 1, 3, 12]);
    expect(replies.map((reply) => reader.read(reply).streamSequence)).toEqual([1204, 1204, 987654321, 1204, 987654322]);
  });

  it('are not made up for what is no such subject', () => {
    expect(() => new DeliveryReader().read('order.created')).toThrow(TypeError);
  });
});
