import { Session } from 'node:inspector';

const INTERVAL_US = 200;

/**
 * Profiles this process from now until `stop`, which returns the functions with the most self time.
 */
export function startProfile(count = 25) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  session.post('Profiler.start');
  return {
    stop: (done) =>
      session.post('Profiler.stop', (error, result) => {
        if (error) throw error;
        done(topFunctions(result.profile, count));
      }),
  };
}

function topFunctions({ nodes, samples, timeDeltas }, count) {
  const names = new Map(nodes.map((node) => [node.id, nameOf(node.callFrame)]));
  const time = new Map();
  let total = 0;
  for (const [at, id] of samples.entries()) {
    const name = names.get(id);
    if (name === '(idle)') continue;
    time.set(name, (time.get(name) ?? 0) + timeDeltas[at]);
    total += timeDeltas[at];
  }
  const sorted = [...time].toSorted(([, a], [, b]) => b - a).slice(0, count);
  return sorted.map(([name, micros]) => ({ name, share: micros / total }));
}

function nameOf({ functionName, url, lineNumber }) {
  const file = url.split('/').slice(-2).join('/');
  return `${functionName || '(anonymous)'}${file ? ` ${file}:${lineNumber + 1}` : ''}`;
}
