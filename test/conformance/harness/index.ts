export { startScenario } from './start-scenario';
export { DURABLE, STREAM, type Scenario } from './scenario';
export { duplicatesOf, overlappingRuns } from './verdict';
