import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Counts function calls in one folder with the precise coverage of V8. */
export class CallCoverage {
  #session = new Session();
  #folder;

  /** @param {string} folder the folder of the scripts */
  constructor(folder) {
    this.#folder = folder;
  }

  async start() {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  /**
   * Returns the functions called since the last call of this method, by file: its path in the
   * folder without extension.
   * @returns {Promise<Map<string, Set<string>>>}
   */
  async take() {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const called = new Map();
    for (const { url, functions } of result) {
      if (!url.startsWith('file:')) continue;
      const file = relative(this.#folder, fileURLToPath(url)).replaceAll('\\', '/');
      if (file.startsWith('..') || !file.endsWith('.js')) continue;
      const names = functions.filter(({ ranges }) => ranges[0].count > 0).map(nameOf);
      if (names.length > 0) called.set(file.slice(0, -'.js'.length), new Set(names));
    }
    return called;
  }

  stop() {
    this.#session.disconnect();
  }
}

/** Returns the name of a function, or its position if it is anonymous. */
function nameOf({ functionName, ranges }) {
  return functionName || `(at ${ranges[0].startOffset})`;
}
