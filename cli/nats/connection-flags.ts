import { Option, type Command } from 'commander';

/** Flags that select the server and the credentials. */
export interface ConnectionFlags {
  readonly server?: string;
  readonly creds?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

/** Adds the flags of a connection to a command. */
export function addConnectionFlags(command: Command): Command {
  return command
    .option('-s, --server <url>', 'address of nats-server, or several separated by commas (default: NATS_URL)')
    .addOption(new Option('--creds <file>', 'credentials file of a user').conflicts(['user', 'token']))
    .addOption(new Option('--user <name>', 'user name').conflicts('token'))
    .option('--password <password>', 'password of the user')
    .option('--token <token>', 'token');
}
