/**
 * Makes addresses of pages relative to the present one. They are correct behind a prefix of the
 * application and behind a proxy that changes the path.
 */
export class Links {
  /** Address of the overview. Without a slash at its end, because Fastify has no such route. */
  readonly overview: string;
  /** Beginning of the addresses below the overview. */
  private readonly root: string;

  /**
   * @param pathname path of the request
   * @param depth number of segments of the path of the page below the overview
   */
  constructor(pathname: string, depth: number) {
    const segments = (pathname.endsWith('/') ? pathname.slice(0, -1) : pathname).split('/');
    const mount = segments.at(-depth - 1) ?? '';
    const up = pathname.endsWith('/') ? depth + 1 : depth;
    this.overview = `${'../'.repeat(up) || './'}${mount}`;
    this.root = mount === '' ? this.overview : `${this.overview}/`;
  }

  asset(name: string, version: string): string {
    return `${this.root}assets/${name}?v=${version}`;
  }

  stream(stream: string): string {
    return this.to('streams', stream);
  }

  consumer(stream: string, durable: string): string {
    return this.to('streams', stream, 'consumers', durable);
  }

  deadLetters(stream: string, filter: Readonly<Record<string, string | undefined>> = {}): string {
    const query = new URLSearchParams();
    for (const [key, value] of Object.entries(filter)) if (value !== undefined) query.set(key, value);
    const path = this.to('streams', stream, 'dead-letters');
    return query.size === 0 ? path : `${path}?${query.toString()}`;
  }

  deadLetter(stream: string, durable: string, sequence: number): string {
    return this.to('streams', stream, 'dead-letters', durable, String(sequence));
  }

  job(id: string): string {
    return this.to('jobs', id);
  }

  private to(...segments: readonly string[]): string {
    return this.root + segments.map(encodeURIComponent).join('/');
  }
}
