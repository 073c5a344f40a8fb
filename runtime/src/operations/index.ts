/** Operates what an application declares: compares it with a server, and more. */
export { planStart, type ConnectionPlan, type PlanStep } from './plan';
export { planText } from './plan-text';
export { OperationRunner, type OperationAnswer } from './operation-runner';
export type { OperationName, OptionsOf, ProgressOf, ResultOf } from './operations';
export { replayConsumer, replayText, type ReplayOptions, type ReplayResult } from './replay';
