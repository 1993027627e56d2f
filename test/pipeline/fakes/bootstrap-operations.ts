import { AwsFault, type Operations } from '../../../local/pipeline/aws/aws-endpoint.ts';
import { roleOperations } from '../../../local/pipeline/aws/stack-operations.ts';

/** A stack of one account and region. */
export interface FakeStack {
  status: string;
  parameters?: Record<string, string>;
  outputs?: Record<string, string>;
  template?: string;
  termination?: boolean;
}

/** Stacks by `account/region`, and the account of the current credentials. */
export class FakeAccounts {
  current = '111111111111';
  /** The replication rules of the current account's registry. */
  replication: unknown[] = [];
  readonly stacks = new Map<string, Map<string, FakeStack>>();
  /** Accounts whose roles cannot be assumed from outside. */
  readonly closed = new Set<string>();
  /** The status in which the next creation or update of a stack ends, and the reason. */
  failure: { readonly status: string; readonly reason: string } | undefined;

  in(place: string): Map<string, FakeStack> {
    const known = this.stacks.get(place) ?? new Map<string, FakeStack>();
    this.stacks.set(place, known);
    return known;
  }

  /**
   * ECR, STS and CloudFormation of these accounts. The account of a request is that of the last assumed role, as the
   * signature of a real request would show.
   */
  operations(region: string): Operations {
    let account = this.current;
    const find = (name: unknown) => {
      const stack = this.in(`${account}/${region}`).get(String(name));
      if (!stack) throw new AwsFault('ValidationError', `Stack with id ${name} does not exist`);
      return stack;
    };
    return {
      'ECR.DescribeRegistry': () => {
        account = this.current;
        return { registryId: this.current, replicationConfiguration: { rules: this.replication } };
      },
      'ECR.GetRegistryScanningConfiguration': () => ({ scanningConfiguration: { scanType: 'BASIC' } }),
      // The same limit for each kind of build.
      'ServiceQuotas.ListServiceQuotas': () => ({
        Quotas: ['Linux/Small', 'Linux/Medium', 'ARM/Small'].map((kind) => ({
          QuotaName: `Concurrently running builds for ${kind} environment`,
          QuotaCode: `L-${kind}`,
          Value: 60,
        })),
      }),
      'CodeConnections.GetConnection': () => ({ Connection: { ConnectionStatus: 'AVAILABLE' } }),
      'STS.AssumeRole': (input) => {
        const arn = String(input.RoleArn);
        const wanted = arn.split(':')[4] ?? '';
        if (this.closed.has(wanted)) {
          throw new AwsFault(
            'AccessDenied',
            `User: arn:aws:iam::${this.current}:user/operator is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
            403,
          );
        }
        account = wanted;
        return roleOperations['STS.AssumeRole']?.(input);
      },
      'CloudFormation.DescribeStacks': ({ StackName }) => ({
        Stacks: [describe(String(StackName), find(StackName))],
      }),
      'CloudFormation.GetTemplate': ({ StackName }) => ({ TemplateBody: find(StackName).template }),
      'CloudFormation.DescribeStackEvents': ({ StackName }) => {
        find(StackName);
        const failed = {
          ...{
            StackId: '1',
            EventId: '1',
            StackName,
            PhysicalResourceId: '',
            Timestamp: '2026-01-01T12:00:00Z',
          },
          ...{ LogicalResourceId: 'Boundary', ResourceType: 'AWS::IAM::ManagedPolicy' },
          ...{ ResourceStatus: 'CREATE_FAILED', ResourceStatusReason: this.failure?.reason },
        };
        return { StackEvents: this.failure ? [failed] : [] };
      },
      'CloudFormation.CreateStack': ({ StackName, TemplateBody, EnableTerminationProtection, ...rest }) => {
        if (rest['Capabilities.member.1'] !== 'CAPABILITY_NAMED_IAM') {
          throw new AwsFault('InsufficientCapabilities', 'Requires capabilities : [CAPABILITY_NAMED_IAM]');
        }
        this.in(`${account}/${region}`).set(String(StackName), {
          status: this.failure?.status ?? 'CREATE_COMPLETE',
          template: String(TemplateBody),
          termination: EnableTerminationProtection === 'true',
        });
        return { StackId: `arn:aws:cloudformation:${region}:${account}:stack/${StackName}/1` };
      },
      'CloudFormation.UpdateStack': ({ StackName, TemplateBody }) => {
        const stack = find(StackName);
        if (stack.template === TemplateBody)
          throw new AwsFault('ValidationError', 'No updates are to be performed.');
        stack.template = String(TemplateBody);
        stack.status = this.failure?.status ?? 'UPDATE_COMPLETE';
        return { StackId: `arn:aws:cloudformation:${region}:${account}:stack/${StackName}/1` };
      },
    };
  }
}

function describe(name: string, { status, parameters = {}, outputs = {}, termination = false }: FakeStack) {
  return {
    StackName: name,
    CreationTime: '2026-01-01T12:00:00Z',
    StackStatus: status,
    EnableTerminationProtection: termination,
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
    Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
  };
}
