import { Option, type Command } from 'commander';

/** Flags that select the server and the credentials. */
export interface ConnectionFlags {
  readonly server?: string;
  readonly creds?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** Name of a context of the `nats` command line. */
  readonly context?: string;
  /** JetStream domain. */
  readonly domain?: string;
}

const FLAGS = ['server', 'creds', 'user', 'password', 'token', 'context', 'domain'] as const;

/** Adds the flags of a connection to a command. */
export function addConnectionFlags(command: Command): Command {
  return command
    .option('-s, --server <url>', 'address of nats-server, or several separated by commas (default: NATS_URL)')
    .addOption(new Option('--creds <file>', 'credentials file of a user').conflicts(['user', 'token']))
    .addOption(new Option('--user <name>', 'user name').conflicts('token'))
    .option('--password <password>', 'password of the user')
    .option('--token <token>', 'token')
    .addOption(
      new Option('--context <name>', 'context of the nats command line, with its server and credentials').conflicts([
        'server',
        'creds',
        'user',
        'token',
      ]),
    )
    .option('--domain <name>', 'JetStream domain');
}

/** Returns true if a flag selects the connection. */
export function hasConnectionFlag(flags: ConnectionFlags): boolean {
  return FLAGS.some((flag) => flags[flag] !== undefined);
}
