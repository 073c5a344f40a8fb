import { runInThisContext } from 'node:vm';
import ts from 'typescript';

const OURS = Symbol('NatsJetStreamServer');

/** Effects of a main file on the microservices of its application. */
export interface Played {
  /** Number of starts of each microservice of our transport. */
  readonly starts: readonly number[];
  /** True if the application listened before all of these were started. */
  readonly listenedEarly: boolean;
}

interface Microservice {
  readonly isOurs: boolean;
  starts: number;
}

/**
 * Runs the text of a main file with a NestFactory that starts nothing. All other imports are
 * objects that accept every call.
 */
export async function playMain(text: string, env: Readonly<Record<string, string>> = {}): Promise<Played> {
  const microservices: Microservice[] = [];
  let listenedEarly = false;
  const connect = (options: unknown): Microservice => {
    const microservice = { isOurs: isOurs(options), starts: 0 };
    microservices.push(microservice);
    return microservice;
  };
  const startable = (microservice: Microservice): unknown =>
    anything({ listen: () => Promise.resolve(void (microservice.starts += 1)) });
  const application = (): unknown => {
    const own: Microservice[] = [];
    return anything({
      get: (token: unknown) => (token === OURS ? OURS : anything()),
      connectMicroservice(options: unknown) {
        const microservice = connect(options);
        own.push(microservice);
        return startable(microservice);
      },
      startAllMicroservices: () => Promise.resolve(own.forEach((each) => void (each.starts += 1))),
      listen() {
        listenedEarly ||= own.some(({ isOurs: ours, starts }) => ours && starts === 0);
        return Promise.resolve(anything());
      },
    });
  };
  const modules: Readonly<Record<string, unknown>> = {
    '@nestjs/core': anything({
      NestFactory: {
        create: () => Promise.resolve(application()),
        createMicroservice: (_module: unknown, options: unknown) => Promise.resolve(startable(connect(options))),
        createApplicationContext: () => Promise.resolve(anything()),
      },
    }),
    '@nest-jetstream/transport': anything({ NatsJetStreamServer: OURS }),
  };
  const { outputText } = ts.transpileModule(text.replaceAll('import.meta', '({ url: "main" })'), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  });
  const run = runInThisContext(`(async (require, exports, process, console) => {${outputText}\n})`) as (
    ...values: unknown[]
  ) => Promise<void>;
  await run((name: string) => modules[name] ?? anything(), {}, anything({ env }), anything());
  // Most main files do not wait for bootstrap().
  await new Promise((resolve) => setImmediate(resolve));
  return { starts: microservices.filter((each) => each.isOurs).map(({ starts }) => starts), listenedEarly };
}

function isOurs(options: unknown): boolean {
  if (typeof options !== 'object' || options === null) return false;
  const { strategy, useFactory, inject } = options as {
    strategy?: unknown;
    useFactory?: (...values: unknown[]) => unknown;
    inject?: unknown[];
  };
  return strategy === OURS || (useFactory !== undefined && isOurs(useFactory(...(inject ?? []))));
}

/** Returns an object with these properties, whose other properties can be called and created. */
function anything(known: Readonly<Record<string, unknown>> = {}): unknown {
  return new Proxy(function call() {}, {
    get: (_target, name) => {
      if (typeof name === 'string' && name in known) return known[name];
      if (name === Symbol.toPrimitive) return () => '';
      // An object with `then` would never resolve.
      return name === 'then' ? undefined : anything();
    },
    apply: () => anything(),
    construct: () => anything() as object,
  });
}
