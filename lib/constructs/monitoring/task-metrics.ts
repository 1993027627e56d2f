import { Stack } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { ticketMetricsOf } from 'cdk-kerberos-sidecar';
import type { Construct } from 'constructs';
import type { EnvironmentNames } from '../../config/index.ts';
import { oneMinute } from './runbook-alarm.ts';

/** The metrics of a service's tasks from ECS and the sidecars. */
export function taskMetrics(scope: Construct, names: Pick<EnvironmentNames, 'clusterName' | 'serviceName'>) {
  const { region, account } = Stack.of(scope);
  const ecs = (namespace: string, metricName: string, label: string, statistic: string) =>
    new Metric({
      namespace,
      metricName,
      label,
      statistic,
      dimensionsMap: { ClusterName: names.clusterName, ServiceName: names.serviceName },
      region,
      account,
      ...oneMinute,
    });
  return {
    runningTasks: ecs('ECS/ContainerInsights', 'RunningTaskCount', 'Running tasks', Stats.MINIMUM),
    restarts: ecs('ECS/ContainerInsights', 'RestartCount', 'Sidecar restarts', Stats.SUM),
    cpu: ecs('AWS/ECS', 'CPUUtilization', 'CPU %', Stats.AVERAGE),
    memory: ecs('AWS/ECS', 'MemoryUtilization', 'Memory %', Stats.AVERAGE),
    ticket: ticketMetricsOf(names.serviceName),
  };
}

export type TaskMetrics = ReturnType<typeof taskMetrics>;
