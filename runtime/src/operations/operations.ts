import { serviceStreams } from './application-streams';
import { applyConnections, applyText, type ApplyResult } from './apply';
import type { DescribedConnection } from './describe-application';
import { diagnose, type Diagnosis, type DoctorOptions } from './doctor/diagnose';
import { doctorText } from './doctor/doctor-text';
import {
  chosenConnection,
  onConnection,
  type ConnectionChoice,
  type Operation,
  type OperationTarget,
} from './operation-target';
import { planConnections, type ConnectionPlan } from './plan';
import { planText } from './plan-text';
import type { DeadLetterProgress } from '../dead-letter/redrive';
import type { DeadLetterChangeOptions } from './dead-letter-change';
import { deadLetterText } from './dead-letter-text';
import { deadLettersText, purgeText, redriveText } from './dead-letters-text';
import { listDeadLetters } from './list-dead-letters';
import { purgeDeadLetters, type DeadLettersPurged } from './purge-dead-letters';
import { redriveDeadLetters, type DeadLettersRedriven, type RedriveDeadLettersOptions } from './redrive-dead-letters';
import { showDeadLetter } from './show-dead-letter';
import { replayConsumer, replayText } from './replay';
import { readStatus, type ServerStatus, type StatusOptions } from './status';
import { statusText } from './status-text';

const plan: Operation<object, readonly ConnectionPlan[]> = {
  run: async (target) => planConnections(declarationsOf(target)),
  text: planText,
};

/** `all` reads all streams of the account instead of those of the application. */
const status: Operation<StatusOptions & ConnectionChoice & { readonly all?: boolean }, ServerStatus> = {
  run: async (target, { connection, all = false, streams, ...options }) => {
    const { session, declared } = chosenConnection(target, connection);
    const names = streams ?? (all || !declared ? undefined : await serviceStreams(declared));
    return readStatus(session, { ...options, ...(names && { streams: names }) });
  },
  text: statusText,
};

const doctor: Operation<Omit<DoctorOptions, 'service'> & ConnectionChoice, Diagnosis> = {
  run: async (target, { connection, ...options }) => {
    const { session, declared } = chosenConnection(target, connection);
    return diagnose(session, { ...options, service: declared });
  },
  text: doctorText,
};

/** `confirmed` is the plan that a person has confirmed. */
const apply: Operation<{ readonly confirmed?: readonly ConnectionPlan[] }, ApplyResult> = {
  run: async (target, { confirmed }) => applyConnections(declarationsOf(target), confirmed),
  text: applyText,
};

type AsJson<Options> = Omit<Options, 'signal' | 'onProgress'>;

const redriveOperation = onConnection<AsJson<RedriveDeadLettersOptions>, DeadLettersRedriven, DeadLetterProgress>(
  async (session, options, { report: onProgress, signal }) =>
    redriveDeadLetters(session, { ...options, onProgress, signal }),
  redriveText,
);

const purgeOperation = onConnection<AsJson<DeadLetterChangeOptions>, DeadLettersPurged, DeadLetterProgress>(
  async (session, options, { report: onProgress, signal }) =>
    purgeDeadLetters(session, { ...options, onProgress, signal }),
  purgeText,
);

/** Operations of the command line, by name. */
export const OPERATIONS = {
  apply,
  plan,
  replay: onConnection(replayConsumer, replayText),
  status,
  doctor,
  listDeadLetters: onConnection(listDeadLetters, deadLettersText),
  showDeadLetter: onConnection(showDeadLetter, deadLetterText),
  redriveDeadLetters: redriveOperation,
  purgeDeadLetters: purgeOperation,
};

export type OperationName = keyof typeof OPERATIONS;
type Named<Name extends OperationName> = (typeof OPERATIONS)[Name];
/** Options of an operation, as JSON. */
export type OptionsOf<Name extends OperationName> = Parameters<Named<Name>['run']>[1];
/** Result of an operation, as JSON. */
export type ResultOf<Name extends OperationName> = Awaited<ReturnType<Named<Name>['run']>>;
/** Progress of an operation, as JSON. */
export type ProgressOf<Name extends OperationName> = Parameters<Parameters<Named<Name>['run']>[2]['report']>[0];

function declarationsOf({ connections }: OperationTarget): DescribedConnection[] {
  return connections.map(({ declared }) => {
    if (declared) return declared;
    throw new TypeError('The operation needs an application.');
  });
}
