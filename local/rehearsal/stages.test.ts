import { expect, test } from 'vitest';
import type { PipelineAction } from '../pipeline/pipeline.ts';
import { bindAction } from './stages.ts';

const uri = `444444444444.dkr.ecr.eu-central-1.amazonaws.com/team/reports@sha256:${'e'.repeat(64)}`;

/** Binds the deployment of a further service whose image is built here or given. */
function deployed(service: object, stage = 'staging-service') {
  const services = [{ service: { name: 'reports', kind: 'worker', ...service } }];
  const action = {
    ...{ kind: 'deploy', name: 'windows-auth-staging-service-reports.Deploy', runOrder: 1, stage },
    ...{ stackName: 'windows-auth-staging-service-reports', inputs: [], outputs: [], templatePath: 'x' },
  } as unknown as PipelineAction;
  const names = { prefix: 'windows-auth-staging', environment: 'staging', services };
  const binding = { rehearsal: { names, network: {} }, settings: { containers: true } };
  return bindAction(action, binding as never).rehearsed;
}

test('a service whose image others have built is shown with the reason', () => {
  expect(deployed({ image: { uri } })).toEqual({
    as: 'shown',
    reason: 'the image of reports is built by others, not here',
  });
});

test('a service whose image is built here runs', () => expect(deployed({}).as).toBe('work'));

test('a service of another environment is shown as such', () => {
  expect(deployed({ image: { uri } }, 'production-service')).toEqual({
    as: 'shown',
    reason: 'it would repeat in another account what staging has just shown',
  });
});
