import { webPort } from '@packages/contracts';
import type { FargateService, IAlternateTarget } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationListener, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { cidrsOf } from '../../config/index.ts';
import type { EnvironmentContext } from '../common/stage-contract.ts';
import { BlueGreenTraffic } from './blue-green/blue-green-traffic.ts';
import { IntegrationTestHook } from './blue-green/integration-test-hook.ts';
import { allRequests } from './blue-green/listener-rules.ts';
import type { WebLoadBalancer } from './web-load-balancer.ts';

/** The port on which the new tasks of a blue/green deployment are tested, from inside the VPC. */
export const testPort = 8443;

/** Routes requests to the tasks: one target group for rolling deployments, two for blue/green ones. */
export class ServiceTraffic extends Construct {
  readonly targetGroups: readonly [ApplicationTargetGroup, ...ApplicationTargetGroup[]];
  /** The listeners that the integration test uses: the clients' one, and the test listener of a blue/green deployment. */
  readonly testedListeners: readonly ApplicationListener[];
  readonly #blueGreen: { alternateTarget: IAlternateTarget; hook: IntegrationTestHook } | undefined;

  constructor(scope: Construct, id: string, context: EnvironmentContext, webLoadBalancer: WebLoadBalancer) {
    super(scope, id);
    const { service, network } = context.environment;
    const blue = webLoadBalancer.addTargetGroup('Targets');
    if (service.deployment === 'rolling') {
      allRequests(this, 'Production', webLoadBalancer.listener, [blue]);
      this.targetGroups = [blue];
      this.testedListeners = [webLoadBalancer.listener];
      return;
    }
    const green = webLoadBalancer.addTargetGroup('GreenTargets');
    this.targetGroups = [blue, green];
    const test = webLoadBalancer.addListener('Test', testPort, cidrsOf(network));
    this.testedListeners = [webLoadBalancer.listener, test];
    const { alternateTarget } = new BlueGreenTraffic(this, 'BlueGreen', {
      production: allRequests(this, 'Production', webLoadBalancer.listener, [blue, green]),
      test: allRequests(this, 'Test', test, [blue, green]),
      green,
    });
    const hook = new IntegrationTestHook(this, 'Hook', context, `${webLoadBalancer.url}:${testPort}`);
    this.#blueGreen = { alternateTarget, hook };
  }

  /** The target group for all requests, if there is only one. */
  get onlyTargetGroup(): ApplicationTargetGroup | undefined {
    return this.targetGroups.length === 1 ? this.targetGroups[0] : undefined;
  }

  /** Sends the requests to the service's tasks. */
  attach(service: FargateService): void {
    const target = service.loadBalancerTarget({
      containerName: 'web',
      containerPort: webPort,
      ...(this.#blueGreen && { alternateTarget: this.#blueGreen.alternateTarget }),
    });
    this.targetGroups[0].addTarget(target);
    if (this.#blueGreen) service.addLifecycleHook(this.#blueGreen.hook.target);
  }
}
