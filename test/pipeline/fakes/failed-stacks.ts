import { AwsFault, type Operations } from '../../../local/pipeline/aws/aws-endpoint.ts';

/** A resource of a stack as CloudFormation lists it. */
export interface FakeResource {
  readonly name: string;
  readonly type: string;
  readonly id: string;
  status: string;
  reason?: string;
}

/** A stack with its past states, oldest first. */
export interface FakeFailedStack {
  readonly name: string;
  readonly id: string;
  status: string;
  /** The states that the stack itself went through. */
  readonly past: readonly string[];
  readonly resources: FakeResource[];
  termination: boolean;
  readonly createdAt: number;
}

/** Whether a database or a load balancer has deletion protection, and the stack that made it. */
export interface FakeProtected {
  protected: boolean;
  readonly madeBy: string;
}

const account = '222222222222';
const region = 'eu-central-1';

/** CloudFormation, RDS and Elastic Load Balancing of one account, with what a recovery needs. */
export class FakeFailedStacks {
  readonly stacks: FakeFailedStack[] = [];
  readonly databases = new Map<string, FakeProtected>();
  readonly loadBalancers = new Map<string, FakeProtected>();
  account = account;
  /** The outcome for a resource when its stack is deleted; default: it is deleted. */
  kept = new Map<string, 'DELETE_SKIPPED' | 'DELETE_FAILED'>();

  add(name: string, past: readonly string[], resources: readonly FakeResource[] = []): FakeFailedStack {
    const stack: FakeFailedStack = {
      name,
      id: `arn:aws:cloudformation:${region}:${account}:stack/${name}/${this.stacks.length}`,
      status: past.at(-1) ?? '',
      past,
      resources: [...resources],
      termination: true,
      createdAt: 1_780_000_000 + this.stacks.length,
    };
    this.stacks.push(stack);
    return stack;
  }

  #find(nameOrId: unknown): FakeFailedStack {
    const stack = this.stacks.find(
      ({ name, id, status }) => id === nameOrId || (name === nameOrId && status !== 'DELETE_COMPLETE'),
    );
    if (!stack) throw new AwsFault('ValidationError', `Stack with id ${nameOrId} does not exist`);
    return stack;
  }

  operations(): Operations {
    return {
      'ECR.DescribeRegistry': () => ({ registryId: this.account }),
      'CloudFormation.DescribeStacks': ({ StackName, NextToken }) => {
        if (StackName) return { Stacks: [describe(this.#find(StackName))] };
        const living = this.stacks.filter(({ status }) => status !== 'DELETE_COMPLETE');
        return page('Stacks', living.map(describe), NextToken);
      },
      'CloudFormation.DescribeStackEvents': ({ StackName, NextToken }) =>
        page('StackEvents', events(this.#find(StackName)), NextToken),
      'CloudFormation.ListStackResources': ({ StackName, NextToken }) => {
        const resources = this.#find(StackName).resources.map(({ name, type, id, status, reason }) => ({
          LogicalResourceId: name,
          ResourceType: type,
          PhysicalResourceId: id,
          ResourceStatus: status,
          ...(reason && { ResourceStatusReason: reason }),
        }));
        return page('StackResourceSummaries', resources, NextToken);
      },
      'CloudFormation.UpdateTerminationProtection': ({ StackName, EnableTerminationProtection }) => {
        this.#find(StackName).termination = EnableTerminationProtection === 'true';
        return {};
      },
      'CloudFormation.DeleteStack': ({ StackName }) => {
        this.#delete(this.#find(StackName));
        return {};
      },
      'RDS.DescribeDBInstances': ({ DBInstanceIdentifier: id }) => {
        const database = this.databases.get(String(id));
        if (!database) throw new AwsFault('DBInstanceNotFound', `DBInstance ${id} not found.`, 404);
        const tag = { Key: 'aws:cloudformation:stack-id', Value: database.madeBy };
        return {
          DBInstances: {
            DBInstance: {
              DBInstanceIdentifier: id,
              DeletionProtection: database.protected,
              TagList: { Tag: tag },
            },
          },
        };
      },
      'RDS.ModifyDBInstance': ({ DBInstanceIdentifier, DeletionProtection }) => {
        const database = this.databases.get(String(DBInstanceIdentifier));
        if (database) database.protected = DeletionProtection === 'true';
        return { DBInstance: { DBInstanceIdentifier } };
      },
      'ELB.DescribeTags': (input) => {
        const arn = String(input['ResourceArns.member.1']);
        const Tags = [
          { Key: 'aws:cloudformation:stack-id', Value: this.loadBalancers.get(arn)?.madeBy ?? '' },
        ];
        return { TagDescriptions: [{ ResourceArn: arn, Tags }] };
      },
      'ELB.DescribeLoadBalancerAttributes': ({ LoadBalancerArn }) => ({
        Attributes: [
          {
            Key: 'deletion_protection.enabled',
            Value: this.loadBalancers.get(String(LoadBalancerArn))?.protected,
          },
        ],
      }),
      'ELB.ModifyLoadBalancerAttributes': ({ LoadBalancerArn }) => {
        const balancer = this.loadBalancers.get(String(LoadBalancerArn));
        if (balancer) balancer.protected = false;
        return { Attributes: [] };
      },
    };
  }

  /** Deletes as CloudFormation does: protected resources stay, and so does their stack. */
  #delete(stack: FakeFailedStack): void {
    if (stack.termination) {
      throw new AwsFault(
        'ValidationError',
        `Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`,
      );
    }
    for (const resource of stack.resources) {
      const guarded = (this.databases.get(resource.id) ?? this.loadBalancers.get(resource.id))?.protected;
      const kept = this.kept.get(resource.id);
      resource.status = kept ?? (guarded ? 'DELETE_FAILED' : 'DELETE_COMPLETE');
      if (resource.status === 'DELETE_FAILED') resource.reason = 'It cannot be deleted';
    }
    const failed = stack.resources.some(({ status }) => status === 'DELETE_FAILED');
    stack.status = failed ? 'DELETE_FAILED' : 'DELETE_COMPLETE';
  }
}

function describe({ name, id, status, termination, createdAt }: FakeFailedStack) {
  return {
    StackName: name,
    StackId: id,
    StackStatus: status,
    EnableTerminationProtection: termination,
    CreationTime: new Date(createdAt * 1000).toISOString(),
  };
}

/** Events, newest first, as CloudFormation lists them. */
function events({ name, id, past, resources }: FakeFailedStack) {
  const own = past.map((state) => ({
    StackId: id,
    EventId: `${name}-${state}`,
    StackName: name,
    LogicalResourceId: name,
    PhysicalResourceId: id,
    ResourceType: 'AWS::CloudFormation::Stack',
    Timestamp: '2026-01-01T00:00:00Z',
    ResourceStatus: state,
  }));
  const failed = resources
    .filter(({ reason }) => reason)
    .map((resource) => ({
      StackId: id,
      EventId: resource.name,
      StackName: name,
      LogicalResourceId: resource.name,
      PhysicalResourceId: resource.id,
      ResourceType: resource.type,
      Timestamp: '2026-01-01T00:00:00Z',
      ResourceStatus: 'CREATE_FAILED',
      ResourceStatusReason: resource.reason,
    }));
  return [...own.slice(0, 1), ...failed, ...own.slice(1)].toReversed();
}

/** Pages of two, so that a caller that does not fetch further pages fails. */
function page(member: string, items: readonly unknown[], token: unknown) {
  const from = Number(token ?? 0);
  const more = from + 2 < items.length;
  return { [member]: items.slice(from, from + 2), ...(more && { NextToken: String(from + 2) }) };
}
