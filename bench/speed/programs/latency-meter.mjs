import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { finish } from './arguments.mjs';
import { percentiles } from './publish-loop.mjs';

/** Starts the publisher, and measures the time from publish to handler of each event. */
export class LatencyMeter {
  #seen = 0;
  #latencies = [];

  constructor(given) {
    this.given = given;
  }

  start() {
    const publisher = fileURLToPath(new URL('paced-publisher.mjs', import.meta.url));
    spawn(process.execPath, [publisher, JSON.stringify(this.given)], { stdio: 'inherit' });
  }

  handled({ at }) {
    const { warmUp, messages } = this.given;
    if (this.#seen++ >= warmUp) this.#latencies.push(Number(process.hrtime.bigint()) / 1_000 - at);
    if (this.#seen === warmUp + messages) finish(percentiles(this.#latencies));
  }
}
