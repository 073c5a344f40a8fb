import { finish } from './arguments.mjs';
import { startProfile } from './profile.mjs';

/**
 * Counts messages, and measures from the end of the warm-up to the last message. The warm-up leaves
 * time for the compiler.
 */
export class Meter {
  #count = 0;
  #cpu;
  #startedAt = 0;

  #profile;

  constructor({ warmUp, messages, profile, figures = () => ({}) }) {
    this.profile = profile;
    this.warmUp = warmUp;
    this.messages = messages;
    this.figures = figures;
  }

  count(many = 1) {
    const before = this.#count;
    this.#count += many;
    if (before < this.warmUp && this.#count >= this.warmUp) this.#start();
    if (before < this.#total && this.#count >= this.#total) this.#end();
  }

  get #total() {
    return this.warmUp + this.messages;
  }

  #start() {
    this.#profile = this.profile && startProfile();
    this.#cpu = process.cpuUsage();
    this.#startedAt = performance.now();
  }

  #end() {
    const figures = this.#result();
    if (this.#profile) this.#profile.stop((top) => finish({ ...figures, top }));
    else finish(figures);
  }

  #result() {
    const { user, system } = process.cpuUsage(this.#cpu);
    const measured = this.#count - this.warmUp;
    return {
      cpuUs: (user + system) / measured,
      perSecond: measured / ((performance.now() - this.#startedAt) / 1_000),
      ...this.figures(),
    };
  }
}
