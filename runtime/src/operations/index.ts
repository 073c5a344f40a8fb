/** Compares the declarations of an application with a server. */
export { planStart, type ConnectionPlan, type PlanStep } from './plan';
export { planText } from './plan-text';
