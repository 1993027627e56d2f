import { describe, expect, test } from 'vitest';
import { estates } from './estates.ts';
import { changeDatabase } from './example-deployment.ts';
import { exampleDeployment, fullDeployment, stackParts, synthesize } from './synthesize.ts';
import { all, objectsIn, type SynthesizedTemplate } from './template.ts';

const deployments = [exampleDeployment(), fullDeployment(), ...Object.values(estates).map((make) => make())];
const syntheses = deployments.map((deployment) => ({ deployment, synthesis: synthesize(deployment) }));
const environments = syntheses.flatMap(({ deployment, synthesis }) =>
  deployment.environments.map(({ name }) => ({ name, part: synthesis.template.bind(synthesis, name) })),
);

/**
 * The names of the Systems Manager parameters that a template reads at deployment, except those of AWS and of owners of
 * existing resources.
 */
const reads = ({ Parameters = {} }: SynthesizedTemplate) =>
  Object.values(Parameters)
    .filter(({ Type }) => Type.startsWith('AWS::SSM::Parameter::Value'))
    .map(({ Default }) => Default ?? '')
    .filter((name) => !/^\/(cdk-bootstrap|aws\/service|network|directory)\//.test(name));

const publishes = (template: SynthesizedTemplate): string[] =>
  all(template, 'AWS::SSM::Parameter').map(({ Name }) => Name);

describe('Between the stages of an environment', () => {
  test('each reads only parameters that an earlier one has published for the same environment', () => {
    for (const { name, part } of environments) {
      const published: string[] = [];
      for (const stack of stackParts) {
        expect(published).toEqual(expect.arrayContaining(reads(part(stack))));
        published.push(...publishes(part(stack)));
      }
      expect(reads(part('network'))).toEqual([]);
      expect(reads(part('directory'))).toEqual([]);
      expect(reads(part('service')).length).toBeGreaterThan(3);
      for (const parameter of published) expect(parameter).toContain(`/${name}/`);
    }
  });

  test('no stack exports or imports, so none can block changes of another', () => {
    for (const { synthesis } of syntheses) {
      for (const template of synthesis.templates.values()) {
        const keys = [...objectsIn(template)].flatMap(Object.keys);
        expect(keys).not.toContain('Fn::ImportValue');
        expect(keys).not.toContain('Export');
      }
    }
  });

  test('only stacks of the same stage, which are deployed together, refer to one another', () => {
    for (const { part } of environments) {
      for (const name of ['network', 'database', 'database-contents', 'service'] as const) {
        expect([...objectsIn(part(name))].flatMap(Object.keys)).not.toContain('Fn::GetStackOutput');
      }
    }
  });
});

describe('Two environments in one account and region', () => {
  test('have no physical name in common', () => {
    const deployment = exampleDeployment(({ environments: [first, second] }) => {
      if (!first || !second) throw new Error('The example has two environments.');
      second.account = first.account;
      changeDatabase(second, { identifier: 'music-db-2' });
    });
    const { template } = synthesize(deployment);
    const namesOf = (environment: string) =>
      stackParts.flatMap((part) =>
        Object.values(template(environment, part).Resources)
          .filter(({ Type }) => !namedByOthers.includes(Type))
          .flatMap(({ Type, Properties = {} }) =>
            Object.entries(Properties)
              .filter(([key, value]) => physicalName.test(key) && typeof value === 'string')
              .map(([, value]) => `${Type} ${value}`),
          ),
      );
    const names = namesOf('staging');
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => namesOf('production').includes(name))).toEqual([]);
  });
});

/** Their names need not be unique: AWS service names, and a domain within its own network. */
const namedByOthers = ['AWS::EC2::VPCEndpoint', 'AWS::DirectoryService::MicrosoftAD'];

/** Properties with the permanent name of a resource, as far as these stacks set names. */
const physicalName =
  /^(AlarmName|ClusterName|DashboardName|DBInstanceIdentifier|Family|LogGroupName|Name|RoleName|ServiceName|TopicName)$/;
