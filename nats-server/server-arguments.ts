import type { StartNatsServerOptions } from './start-options';

export function serverArguments(options: StartNatsServerOptions, portsDir: string): string[] {
  const { host = '127.0.0.1', port, monitorPort, storeDir, jetstream = true, extraArguments = [] } = options;
  if (jetstream && storeDir === undefined) throw new TypeError('storeDir is missing: JetStream needs a directory.');
  return [
    `--addr=${host}`,
    `--port=${port === 0 ? -1 : port}`,
    `--ports_file_dir=${portsDir}`,
    ...(monitorPort === undefined ? [] : [`--http_port=${monitorPort === 0 ? -1 : monitorPort}`]),
    ...(jetstream ? ['--jetstream'] : []),
    ...(storeDir === undefined ? [] : [`--store_dir=${storeDir}`]),
    ...extraArguments,
  ];
}
