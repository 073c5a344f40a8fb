export { startScenario } from './start-scenario';
export { DURABLE, STREAM, type Scenario } from './scenario';
export { disorders, duplicatesOf, overlappingRuns } from './verdict';
export type { WorkerProcess } from './worker-process';
