import { isSupported, securityWarning } from '../../nats-server/version';
import { compareVersions, findVersion } from '../../nats-server/version';

describe('versions', () => {
  it.each([
    ['nats-server: v2.15.1', '2.15.1'],
    ['nats-server: v2.12.0-RC.1\n', '2.12.0-RC.1'],
    ['2.10.29', '2.10.29'],
    ['v2', undefined],
    ['', undefined],
  ])('are found in %j', (text, version) => {
    expect(findVersion(text)).toBe(version);
  });

  it.each([
    ['2.9.25', '2.10.0', -1],
    ['2.10.0', '2.10.0', 0],
    ['2.10.10', '2.10.9', 1],
    ['2.12.0-RC.1', '2.12.0', -1],
    ['2.12.0', '2.12.0-RC.1', 1],
    ['2.12.0-RC.1', '2.12.0-RC.1', 0],
    ['2.12.0-RC.1', '2.12.0-RC.2', -1],
    ['3.0.0', '2.15.1', 1],
  ])('%s against %s', (a, b, order) => {
    expect(Math.sign(compareVersions(a, b))).toBe(order);
  });
});

describe('the floor', () => {
  it.each([
    ['2.9.25', false],
    ['2.10.0', true],
    ['2.15.1', true],
  ])('%s is supported: %s', (version, supported) => {
    expect(isSupported(version)).toBe(supported);
  });
});

describe('the security floor', () => {
  it.each([
    ['2.10.29', '2.14.0'],
    ['2.11.15', '2.11.16'],
    ['2.12.6', '2.12.7'],
    ['2.13.2', '2.14.0'],
    ['2.14.0-RC.1', '2.14.0'],
  ])('%s needs %s', (version, floor) => {
    expect(securityWarning(version)).toContain(floor);
  });

  it.each(['2.11.16', '2.12.7', '2.12.10', '2.14.0', '2.15.1', '3.0.0'])('%s is fine', (version) => {
    expect(securityWarning(version)).toBeUndefined();
  });
});
