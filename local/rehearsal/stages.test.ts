import { expect, test } from 'vitest';
import type { PipelineAction } from '../pipeline/pipeline.ts';
import { bindAction } from './stages.ts';

const uri = `444444444444.dkr.ecr.eu-central-1.amazonaws.com/team/reports@sha256:${'e'.repeat(64)}`;

/** What the deployment of a further service is, whose image is built here or given. */
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

test('a service whose image others have built is told, with the reason', () => {
  expect(deployed({ image: { uri } })).toEqual({
    as: 'shown',
    reason: 'the image of reports is not built here, but by others',
  });
});

test('one whose image is built here runs', () => expect(deployed({}).as).toBe('work'));

test('one of another environment is told as that', () => {
  expect(deployed({ image: { uri } }, 'production-service')).toEqual({
    as: 'shown',
    reason: 'it is what staging has just shown, in another account',
  });
});
