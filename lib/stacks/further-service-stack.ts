import { Duration } from 'aws-cdk-lib';
import { Secret as ContainerSecret } from 'aws-cdk-lib/aws-ecs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import {
  type FurtherService,
  type FurtherWeb,
  type ImageDigests,
  type Job,
  mostTasks,
  namesOf,
  serviceNamesOf,
  type Worker,
} from '../config/index.ts';
import { type EnvironmentContext, readServiceSecret } from '../constructs/common/stage-contract.ts';
import { sqlServerAddress } from '../constructs/database/sql-server-address.ts';
import { DatabaseReachAlarm } from '../constructs/monitoring/database-reach-alarm.ts';
import { FurtherDashboard } from '../constructs/monitoring/further-dashboard.ts';
import { environmentAlarmTopic, fiveMinutes } from '../constructs/monitoring/runbook-alarm.ts';
import { type TaskMetrics, taskMetrics } from '../constructs/monitoring/task-metrics.ts';
import { TicketAlarms } from '../constructs/monitoring/ticket-alarms.ts';
import { tooFewTasks } from '../constructs/monitoring/too-few-tasks.ts';
import { environmentVpc } from '../constructs/network/environment-vpc.ts';
import { loadBalancerGroup } from '../constructs/network/subnet-groups.ts';
import { FurtherTraffic } from '../constructs/service/further-traffic.ts';
import { KerberosTask } from '../constructs/service/kerberos-task.ts';
import { redeployOnRotation } from '../constructs/service/redeploy-on-rotation.ts';
import { ScheduledJob } from '../constructs/service/scheduled-job.ts';
import { shutdownTimes } from '../constructs/service/shutdown-times.ts';
import { serviceEnvironment, webEnvironment } from '../constructs/service/task-environment.ts';
import { WebService } from '../constructs/service/web-service.ts';
import { WorkerService } from '../constructs/service/worker-service.ts';
import { EnvironmentStack } from './environment-stack.ts';

export interface FurtherServiceStackProps extends EnvironmentContext {
  readonly images: ImageDigests;
  readonly service: FurtherService;
}

/** The same id for workers and web services, so that a change of kind keeps the ECS service, whose name stays the same. */
const tasksId = 'Worker';

/** A further service: its tasks, what starts them, its dashboard and its alarms. Each service has its own stack. */
export class FurtherServiceStack extends EnvironmentStack {
  readonly #serviceName: string;

  constructor(scope: Construct, { images, service, ...context }: FurtherServiceStackProps) {
    const part = `service-${service.name}`;
    super(scope, part, context, `Tasks of the ${service.kind} ${service.name}, their alarms`);
    this.#serviceName = serviceNamesOf(context.deployment, context.environment, service).serviceName;
    const userSecretArn = readServiceSecret(this, context, service.name);
    const task = this.#task(service, images, userSecretArn);
    if (service.kind === 'worker') this.#work(service, task, userSecretArn);
    if (service.kind === 'job') this.#schedule(service, task);
    if (service.kind === 'web') this.#answer(service, task, userSecretArn);
  }

  #task(service: FurtherService, images: ImageDigests, userSecretArn: string): KerberosTask {
    const { context } = this;
    const sqlServer = sqlServerAddress(this, context);
    const secrets = Object.entries(service.secrets).map(([variable, arn]) => [
      variable,
      ContainerSecret.fromSecretsManager(Secret.fromSecretCompleteArn(this, `Secret-${variable}`, arn)),
    ]);
    return new KerberosTask(this, 'Task', {
      context,
      images,
      userSecretArn,
      sqlServer,
      service: {
        ...service,
        serviceName: this.#serviceName,
        doctorFamily: serviceNamesOf(context.deployment, context.environment, service).doctorFamily,
        maximumTasks: mostTasks(service),
      },
      container: {
        // An image of others does not have our `health.mjs`.
        asksHealth: service.kind !== 'job' && service.image === undefined,
        ...(service.kind === 'web' && { portMappings: [{ name: 'http', containerPort: service.port }] }),
        stopTimeout: Duration.seconds(shutdownTimes.webStop),
        environment: {
          ...service.variables,
          ...(service.kind === 'web'
            ? { ...webEnvironment(context, sqlServer), PORT: String(service.port) }
            : serviceEnvironment(context, sqlServer)),
        },
        ...(secrets.length > 0 && { secrets: Object.fromEntries(secrets) }),
      },
    });
  }

  get #surroundings() {
    return {
      context: this.context,
      serviceName: this.#serviceName,
      vpc: environmentVpc(this, this.context, ['private']),
    };
  }

  #work(worker: Worker, task: KerberosTask, userSecretArn: string): void {
    const { context } = this;
    const topic = environmentAlarmTopic(this, context);
    const { clusterName } = namesOf(context.deployment, context.environment);
    const metrics = taskMetrics(this, { clusterName, serviceName: this.#serviceName });
    new WorkerService(this, tasksId, { ...this.#surroundings, worker, task });
    this.#watch(worker, worker.tasks, { task, topic, userSecretArn, metrics });
    new FurtherDashboard(this, 'Overview', {
      context,
      service: worker,
      graphs: [
        { title: 'Tasks', metrics: [metrics.runningTasks, metrics.restarts] },
        ...graphsOfTasks(metrics),
      ],
    });
  }

  #answer(service: FurtherWeb, task: KerberosTask, userSecretArn: string): void {
    const { context } = this;
    const { loadBalancer } = service;
    const topic = environmentAlarmTopic(this, context);
    const standing = loadBalancer ? [loadBalancerGroup({ ...context.environment, loadBalancer })] : [];
    const vpc = environmentVpc(this, context, [...new Set([...standing, 'private' as const])]);
    const common = { context, vpc, serviceName: this.#serviceName };
    const traffic = new FurtherTraffic(this, 'Traffic', { ...common, service, topic });
    const tasks = new WebService(this, tasksId, {
      ...{ ...common, task, port: service.port, deployment: 'rolling' },
      loadBalancerSecurityGroup: traffic.securityGroup,
      deploymentAlarms: traffic.duringDeployment,
    });
    traffic.attach(tasks, service);
    const { metrics } = traffic;
    this.#watch(service, service.minimumTasks, { task, topic, userSecretArn, metrics });
    const { requests, targetErrors, balancerErrors, errorPercent, latencyMedian, latencyTail } = metrics;
    new FurtherDashboard(this, 'Overview', {
      context,
      service,
      graphs: [
        { title: 'Traffic', metrics: [requests] },
        { title: 'Errors', metrics: [targetErrors, balancerErrors, errorPercent] },
        { title: 'Latency, seconds', metrics: [latencyMedian, latencyTail] },
        {
          title: 'Tasks',
          metrics: [
            metrics.runningTasks,
            ...metrics.healthyTargets,
            ...metrics.unhealthyTargets,
            metrics.restarts,
          ],
        },
        ...graphsOfTasks(metrics),
      ],
    });
  }

  /** Adds alarms about tasks, tickets and SQL Server, and the redeployment after a password rotation. */
  #watch(
    { name: service, credentialMode, user }: Worker | FurtherWeb,
    wantedTasks: number,
    watched: Watched,
  ): void {
    const { context } = this;
    const { task, topic, userSecretArn, metrics } = watched;
    tooFewTasks(this, wantedTasks, { context, topic, service, metric: metrics.runningTasks });
    new TicketAlarms(this, 'TicketAlarms', context, topic, { metrics, service });
    new DatabaseReachAlarm(this, 'DatabaseReach', { context, topic, service, log: task.log });
    redeployOnRotation(this, {
      ...{ context, topic, service, user, userSecretArn, credentialMode },
      serviceName: this.#serviceName,
    });
  }

  #schedule(job: Job, task: KerberosTask): void {
    const { context } = this;
    const topic = environmentAlarmTopic(this, context);
    const { stateMachine } = new ScheduledJob(this, 'Job', { ...this.#surroundings, job, task, topic });
    new FurtherDashboard(this, 'Overview', {
      context,
      service: job,
      graphs: [
        {
          title: 'Runs',
          metrics: [
            stateMachine.metricStarted(fiveMinutes),
            stateMachine.metricSucceeded(fiveMinutes),
            stateMachine.metricFailed(fiveMinutes),
          ],
        },
        { title: 'Time of a run', metrics: [stateMachine.metricTime(fiveMinutes)] },
      ],
    });
  }
}

interface Watched {
  readonly task: KerberosTask;
  readonly topic: ITopic;
  readonly userSecretArn: string;
  readonly metrics: TaskMetrics;
}

function graphsOfTasks({ cpu, memory, ticket }: TaskMetrics) {
  return [
    { title: 'CPU and memory', metrics: [cpu, memory] },
    { title: 'Tickets: seconds to expiry', metrics: [ticket.secondsToExpiry] },
    { title: 'Tickets: renewals', metrics: [ticket.renewals, ticket.renewalFailures] },
  ];
}
