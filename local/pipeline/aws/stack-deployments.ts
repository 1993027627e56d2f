import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AwsFault, type Operations } from './aws-endpoint.ts';

interface LocalStack {
  readonly name: string;
  status: 'REVIEW_IN_PROGRESS' | 'CREATE_COMPLETE' | 'UPDATE_COMPLETE';
  terminationProtection: boolean;
  /** The template of an open change set. */
  proposed: unknown;
}

export interface StackDeploymentsOptions {
  /** The folder of the buckets, which contain the templates. */
  readonly buckets: string;
  /** Templates of the deployed stacks, by name; read and written. */
  readonly templates: Map<string, unknown>;
  /** Called with what was not really done. */
  readonly report?: (line: string) => void;
}

/**
 * CloudFormation, as far as it is possible on one machine: the CDK CLI finds the bootstrap, creates change sets from
 * templates in the bucket, and executes them. The template then counts as deployed; its resources exist only on AWS.
 */
export function stackDeployments({
  buckets,
  templates,
  report = () => undefined,
}: StackDeploymentsOptions): Operations {
  const stacks = new Map<string, LocalStack>();
  const stack = (value: unknown): LocalStack => {
    const name = String(value).replace(/^arn:[^/]*stack\/([^/]+)\/.*$/, '$1');
    const known = stacks.get(name);
    if (known) return known;
    if (!templates.has(name)) throw new AwsFault('ValidationError', `Stack with id ${name} does not exist`);
    const found: LocalStack = {
      name,
      status: 'CREATE_COMPLETE',
      terminationProtection: false,
      proposed: undefined,
    };
    stacks.set(name, found);
    return found;
  };
  return {
    'STS.GetCallerIdentity': () => ({
      Account: '000000000000',
      Arn: 'arn:aws:sts::000000000000:assumed-role/rehearsal/rehearsal',
      UserId: 'rehearsal',
    }),
    'SSM.GetParameter': ({ Name }) => {
      if (!String(Name).startsWith('/cdk-bootstrap/')) {
        throw new AwsFault('ParameterNotFound', `${Name} does not exist`);
      }
      return { Parameter: { Name, Value: '30', Type: 'String' } };
    },
    'CloudFormation.DescribeStacks': ({ StackName }) => ({ Stacks: [describe(stack(StackName))] }),
    'CloudFormation.GetTemplate': ({ StackName }) => ({
      TemplateBody: JSON.stringify(templates.get(stack(StackName).name) ?? {}),
      StagesAvailable: { member: 'Original' },
    }),
    'CloudFormation.CreateChangeSet': ({ StackName, TemplateURL, ChangeSetName, ChangeSetType }) => {
      const name = String(StackName);
      const proposed = JSON.parse(readFileSync(join(buckets, objectOf(String(TemplateURL))), 'utf8'));
      if (ChangeSetType === 'CREATE') {
        stacks.set(name, {
          name,
          status: 'REVIEW_IN_PROGRESS',
          terminationProtection: false,
          proposed,
        });
      } else stack(name).proposed = proposed;
      return { Id: changeSetArn(name, ChangeSetName), StackId: arn(name) };
    },
    'CloudFormation.DescribeChangeSet': ({ StackName, ChangeSetName }) => {
      const { name, proposed } = stack(StackName);
      if (!proposed) throw new AwsFault('ChangeSetNotFound', `ChangeSet [${ChangeSetName}] does not exist`);
      const same = JSON.stringify(templates.get(name)) === JSON.stringify(proposed);
      return {
        ChangeSetName,
        ChangeSetId: changeSetArn(name, ChangeSetName),
        StackId: arn(name),
        StackName: name,
        Status: same ? 'FAILED' : 'CREATE_COMPLETE',
        ...(same && { StatusReason: "The submitted information didn't contain changes." }),
        ExecutionStatus: same ? 'UNAVAILABLE' : 'AVAILABLE',
        Changes: [],
      };
    },
    'CloudFormation.DeleteChangeSet': ({ StackName }) => {
      stack(StackName).proposed = undefined;
      return {};
    },
    'CloudFormation.UpdateTerminationProtection': ({ StackName, EnableTerminationProtection }) => {
      stack(StackName).terminationProtection = EnableTerminationProtection === 'true';
      return { StackId: arn(stack(StackName).name) };
    },
    'CloudFormation.ExecuteChangeSet': ({ StackName }) => {
      const changed = stack(StackName);
      changed.status = changed.status === 'REVIEW_IN_PROGRESS' ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE';
      templates.set(changed.name, changed.proposed);
      changed.proposed = undefined;
      report(`${changed.name}: template deployed; its resources exist only on AWS`);
      return {};
    },
    'CloudFormation.DescribeStackEvents': () => ({ StackEvents: [] }),
    'CloudFormation.ListStackResources': () => ({ StackResourceSummaries: [] }),
  };
}

function describe({ name, status, terminationProtection }: LocalStack) {
  return {
    StackName: name,
    StackId: arn(name),
    StackStatus: status,
    EnableTerminationProtection: terminationProtection,
    CreationTime: '2000-01-01T00:00:00Z',
  };
}

const arn = (name: string) =>
  `arn:aws:cloudformation:eu-central-1:000000000000:stack/${name}/00000000-0000-0000-0000-000000000000`;
const changeSetArn = (name: string, changeSet: unknown) =>
  `arn:aws:cloudformation:eu-central-1:000000000000:changeSet/${changeSet}/${name}`;

/** `bucket/key` of an object's URL, whether the bucket is in the host name or in the path. */
function objectOf(address: string): string {
  const { hostname, pathname } = new URL(address);
  const bucket = /^(.+)\.s3\./.exec(hostname)?.[1];
  return bucket ? join(bucket, pathname) : pathname;
}
