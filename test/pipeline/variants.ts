import type { Deployment, DeploymentInput } from '../../lib/config/index.ts';
import { estates } from '../infrastructure/estates.ts';
import { exampleServices, fullDeployment, mostServices } from '../infrastructure/example-deployment.ts';
import { exampleDeployment } from '../infrastructure/synthesize.ts';
import { type SynthesizedPipeline, synthesizePipeline } from './synthesized-pipeline.ts';

/** One service on the shared load balancer, and one with its own. */
const answeringServices: NonNullable<DeploymentInput['services']> = {
  reports: { kind: 'web', route: { hosts: ['reports.example.com'] } },
  tables: { kind: 'web', loadBalancer: { allowedClients: ['10.0.0.0/8'] } },
};

/** Gives `web` and the additional web services their own names in a hosted zone. */
function named(environment: DeploymentInput['environments'][number]): void {
  const { name } = environment;
  const hostedZone = { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' };
  environment.loadBalancer = { ...environment.loadBalancer, hostName: `${name}.example.com`, hostedZone };
  environment.services = {
    reports: { route: { hosts: [`reports-${name}.example.com`] } },
    tables: {
      loadBalancer: { allowedClients: ['10.0.0.0/8'], hostName: `tables-${name}.example.com`, hostedZone },
    },
  };
}

const approvals = { beforeEnvironment: true, beforeDatabase: true, beforeService: true };

function changed(change: (environments: DeploymentInput['environments'], input: DeploymentInput) => void) {
  return exampleDeployment((input) => change(input.environments, input));
}

/** Deployments that differ in what shapes the pipeline: source, approvals, environments, accounts, regions. */
export const variants: Readonly<Record<string, () => Deployment>> = {
  'the example': () => exampleDeployment(),
  'CodeCommit, no approvals, no rollback': () =>
    changed((environments, input) => {
      input.source = { type: 'codecommit', repository: 'service' };
      for (const environment of environments) {
        environment.approvals = {};
        environment.service = { ...environment.service, rollbackOnFailedTest: false };
      }
    }),
  'S3, every approval': () =>
    changed((environments, input) => {
      input.source = { type: 's3', bucket: 'sources-of-service', key: 'main.zip' };
      input.services = answeringServices;
      for (const environment of environments) {
        environment.approvals = approvals;
        named(environment);
      }
    }),
  'an estate that is there': estates[
    'a network that is there, with every endpoint, and a new directory in it'
  ] as () => Deployment,
  'one environment, as many services as there may be': () =>
    changed((environments, input) => {
      input.services = mostServices;
      environments.splice(1);
    }),
  'three environments in two regions, three services, ARM': () =>
    changed((environments, input) => {
      const [staging, production] = environments;
      if (!staging || !production) throw new Error('The example has two environments.');
      input.images = { architecture: 'arm64' };
      input.services = exampleServices;
      environments.splice(1, 0, {
        ...staging,
        name: 'acceptance',
        database: { identifier: 'acceptance' },
        approvals: { beforeDatabase: true },
      });
      production.region = 'eu-west-1';
      production.approvals = { beforeEnvironment: true };
    }),
};

const synthesized = new Map<string, SynthesizedPipeline>();

/** The deployment with the most of everything. It takes the longest, so only some tests use it. */
export const largest = 'the largest';

/** The estates that are not already a variant under another name. */
export const estateNames = Object.keys(estates).filter(
  (name) => !Object.values(variants).includes(estates[name] as () => Deployment),
);

/** The synthesis of a variant, an estate or the largest deployment; each is synthesized once per test file. */
export function variant(name: string): SynthesizedPipeline {
  const make = name === largest ? fullDeployment : (variants[name] ?? estates[name]);
  if (!make) throw new Error(`There is no variant "${name}".`);
  const known = synthesized.get(name) ?? synthesizePipeline(make());
  synthesized.set(name, known);
  return known;
}
