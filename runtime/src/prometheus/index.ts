export { prometheus, type PrometheusOptions } from './prometheus';
export type { PrometheusClient, PrometheusRegistry } from './prometheus-metrics';
