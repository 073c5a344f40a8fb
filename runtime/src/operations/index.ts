/** Operates what an application declares: compares it with a server, and more. */
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
