/** A request and its reply, compared with Nest's core NATS transport. */
export const requestGroups = [256, 1].map((inFlight) => ({
  name: `request ${inFlight}`,
  prepare({ url }, scale) {
    const share = inFlight === 1 ? scale / 10 : scale;
    const warmUp = Math.round(10_000 * share);
    const given = { url, bytes: 128, inFlight, warmUp, messages: Math.round(20_000 * share) };
    return {
      core: { program: 'request-nest', given: { ...given, transport: 'core' } },
      ours: { program: 'request-nest', given: { ...given, transport: 'ours' } },
    };
  },
  rows: [
    inFlight === 1
      ? row('one by one, p50', 'p50Us', 'µs')
      : row(`${inFlight} in flight, client and server in one process`, 'cpuUs', 'µs CPU'),
  ],
}));

function row(name, figure, unit) {
  return { name: `send: round trip, ${name}`, variant: 'ours', against: 'core', figure, unit, target: 1 };
}
