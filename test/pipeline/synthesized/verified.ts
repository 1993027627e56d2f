import { expect, test } from 'vitest';
import { serviceStacks } from '../../../lib/config/stack-names.ts';
import { makeBundle } from '../../../lib/operator/release/verify/bundle.ts';
import { tasksOf } from '../../../lib/operator/release/verify/collect.ts';
import { omissions } from '../../../lib/operator/release/verify/omissions.ts';
import { estateNames, largest, variant, variants } from '../variants.ts';

test.each([...Object.keys(variants), largest, ...estateNames])(
  'release verify expects of %s what its templates and its pipeline contain',
  (name) => {
    const { deployment, templates, pipeline } = variant(name);
    const asked = pipeline.stages.flatMap(({ name: stage, actions }) =>
      actions.filter(({ kind }) => kind === 'approval').map(() => stage),
    );
    for (const environment of deployment.environments) {
      const { account, region } = environment;
      const tasks = serviceStacks(deployment, environment).flatMap((stack) =>
        tasksOf(stack, { ...templates.get(`${account}/${region}/${stack}`) }),
      );
      const bundle = makeBundle({
        environment: environment.name,
        savedAt: '2026-01-01T00:00:00.000Z',
        pipeline: deployment.name,
        execution: { id: '', revision: '', title: '' },
        tasks,
        images: [...new Set(tasks.flatMap(({ images }) => images))].map((image) => {
          const [name = '', digest = ''] = image.split('@');
          return { name, digest };
        }),
        approvals: asked.map((stage) => ({ stage, status: 'Succeeded', by: '', at: '', comment: '' })),
      });
      expect(omissions(deployment, environment, bundle)).toEqual([]);
      const ofEnvironment = asked.filter((stage) => stage.startsWith(`${environment.name}-`)).length;
      const toEnvironment = asked.some((stage) => stage === 'Pipeline-approval') ? 1 : 0;
      expect(omissions(deployment, environment, { ...bundle, approvals: [] })).toHaveLength(
        ofEnvironment + toEnvironment,
      );
    }
  },
);
