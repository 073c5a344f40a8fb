import { defineStream, type Duration } from '@nest-jetstream/transport';

const NANOS_PER_MILLI = 1e6;

const maxAgeOf = (maxAge: Duration) => defineStream({ name: 'ORDERS', subjects: ['order.>'], maxAge }).config.max_age;

describe('Duration', () => {
  it.each<[Duration, number]>([
    [250, 250],
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5h', 5_400_000],
    ['1.1h', 3_960_000],
    ['0.7d', 60_480_000],
    ['2.3d', 198_720_000],
    ['0.001s', 1],
    ['1.10m', 66_000],
  ])('converts %s to %s ms', (duration, millis) => {
    expect(maxAgeOf(duration)).toBe(millis * NANOS_PER_MILLI);
  });

  it.each(['0.5ms', '1.0005s', '0s', '0.0h', '1.1', 'h', '1e3s', '-1s', '1.h', ' 1s', '99999999999999999999d'])(
    'refuses %s',
    (duration) => {
      expect(() => maxAgeOf(duration as Duration)).toThrow("Option 'maxAge' cannot be");
    },
  );
});
