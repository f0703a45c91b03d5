// Provider tokens of the gateway's Nest module.
export const READINESS = Symbol('assay.graphql-gateway.readiness');
export const METRICS_TEXT = Symbol('assay.graphql-gateway.metrics-text');
export const DASHBOARD = Symbol('assay.graphql-gateway.dashboard');
