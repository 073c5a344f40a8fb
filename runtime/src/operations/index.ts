/** Compares what an application declares with a server. */
export { planStart, type ConnectionPlan, type PlanStep } from './plan';
export { planText } from './plan-text';
