import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { ApplicationError, OperationError } from './errors';
import { READS_APPLICATION, type PlanAnswer } from './plan-answer';

const PRELOAD = join(__dirname, 'plan-preload.js');
const KEPT_OUTPUT = 4_000;
const LIMIT_MS = 120_000;

/**
 * Plans a start of a built application in a process of its own. Its modules are loaded, and Nest
 * creates none of their providers.
 * @throws ApplicationError with the code of the transport's error; OperationError
 * (`NO_APPLICATION`)
 */
export async function planApplication(entry: string): Promise<Exclude<PlanAnswer, { error: unknown }>> {
  const child = spawn(process.execPath, ['--require', PRELOAD, entry], {
    env: { ...process.env, [READS_APPLICATION]: '1' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let answer: PlanAnswer | undefined;
  let output = '';
  child.on('message', (message: PlanAnswer) => {
    answer = message;
    if ('error' in message) child.kill();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-KEPT_OUTPUT)));
  // An application that starts despite the preload may not end.
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  const stop = (): void => void child.kill();
  process.once('exit', stop);
  try {
    await once(child, 'close');
  } finally {
    clearTimeout(limit);
    process.off('exit', stop);
  }
  if (answer === undefined) throw withoutAnswer(entry, output);
  if ('error' in answer) throw new ApplicationError(answer.error.code, answer.error.message);
  return answer;
}

function withoutAnswer(entry: string, output: string): Error {
  const printed = output.trim() === '' ? '' : ` It printed:\n${output.trim()}`;
  const file = relative(process.cwd(), entry);
  return new OperationError(
    'NO_APPLICATION',
    `${file} ended without creating a Nest application. Name the file that calls NestFactory with --entry.${printed}`,
    entry,
  );
}
