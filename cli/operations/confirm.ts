import { openTerminal } from '../../schematics/shared/prompt/terminal';
import { OperationError } from './errors';

interface Confirmation {
  readonly command: string;
  /** True if the user has confirmed with `--yes`. */
  readonly yes: boolean;
  readonly json?: boolean | undefined;
}

/**
 * Asks whether to make the printed changes. Returns false if the user declines.
 * @throws OperationError (`NEEDS_CONFIRMATION`) without a terminal
 */
export async function confirm({ command, yes, json = false }: Confirmation): Promise<boolean> {
  if (yes) return true;
  const terminal = json ? undefined : openTerminal();
  if (terminal === undefined) {
    const reason = json ? 'it does not with --json' : 'there is no terminal';
    const message = `'${command}' asks before it changes the server, and ${reason}. Nothing was changed. Add --yes to make the changes.`;
    throw new OperationError('NEEDS_CONFIRMATION', message, command);
  }
  return (await terminal.choose('Make these changes?', ['no', 'yes'], 'no')) === 'yes';
}
