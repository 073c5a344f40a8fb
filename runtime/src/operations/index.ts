/** Compares the declarations of an application with a server, and operates both. */
export { applyStart, applyText, type ApplyResult } from './apply';
export { planStart, type ConnectionPlan, type PlanStep } from './plan';
export { planText } from './plan-text';
export { OperationRunner, type OperationAnswer } from './operation-runner';
export type { OperationName, OptionsOf, ProgressOf, ResultOf } from './operations';
export { replayConsumer, replayText, type ReplayOptions, type ReplayResult } from './replay';
export { readStatus, type ConsumerStatus, type ServerStatus, type StatusOptions, type StreamStatus } from './status';
export { statusText } from './status-text';
export type { ExceededThreshold } from './exceeded-thresholds';
export { diagnose, type Diagnosis, type DoctorOptions } from './doctor/diagnose';
export { doctorText } from './doctor/doctor-text';
export { FINDING_CODES, type Finding, type FindingCode } from './doctor/finding';
/** Lists, shows, redrives and removes dead letters. */
export type { DeadLetterEntry } from '../dead-letter/dead-letter-entry';
export type { DeadLetterFilter } from '../dead-letter/dead-letter-filter';
export type { DeadLetterProgress } from '../dead-letter/redrive';
export type { DeadLetterGroup } from './group-dead-letters';
export { listDeadLetters, type DeadLetterList, type ListDeadLettersOptions } from './list-dead-letters';
export {
  showDeadLetter,
  type DeadLetterDetails,
  type MessageHeader,
  type ShowDeadLetterOptions,
} from './show-dead-letter';
export type { MessageBody } from './message-body';
export type {
  DeadLetterBounds,
  DeadLetterChange,
  DeadLetterChangeOptions,
  DeadLetterSelection,
} from './dead-letter-change';
export {
  redriveDeadLetters,
  type DeadLetterFailure,
  type DeadLettersRedriven,
  type RedriveDeadLettersOptions,
} from './redrive-dead-letters';
export { purgeDeadLetters, type DeadLettersPurged } from './purge-dead-letters';
export { deadLettersText, purgeText, redriveText } from './dead-letters-text';
export { deadLetterText } from './dead-letter-text';
