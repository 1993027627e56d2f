export { healthProgram, lockedDown, logWithoutWaiting } from './container-options.ts';
export { KerberosSidecar } from './kerberos-sidecar.ts';
export { type TicketAlarm, type TicketAlarmName, ticketAlarms } from './monitoring/ticket-alarms.ts';
export { type TicketMetricName, type TicketMetrics, ticketMetricsOf } from './monitoring/ticket-metrics.ts';
export { ticketWidgets } from './monitoring/ticket-widgets.ts';
export type {
  AlarmOptions,
  KerberosSidecarProps,
  Peers,
  ServeOptions,
  SqlServer,
} from './props.ts';
