import type { Template } from './template.ts';

/** A stack, as it is deployed and as it would be. */
export interface StackPair {
  readonly deployed: Template | undefined;
  readonly synthesized: Template;
}

interface NamedRecord {
  readonly logicalId: string;
  /** Zone, name, type and, of weighted records and their like, identifier: Route 53 has each once. */
  readonly key: string;
  readonly name: string;
}

/**
 * Names of Route 53 that one resource would make while another still has them: CloudFormation makes what is new in a stack
 * before it deletes what has gone, and a stack is updated before those behind it.
 *
 * @param stacks in the order of deployment
 * @returns one sentence for each
 */
export function recordsTaken(stacks: readonly StackPair[]): string[] {
  const before = stacks.map(({ deployed }) => recordsIn(deployed ?? {}));
  return stacks.flatMap(({ synthesized }, index) => {
    const own = before[index] ?? [];
    return recordsIn(synthesized)
      .filter(({ logicalId, key }) => !own.some((one) => one.logicalId === logicalId && one.key === key))
      .filter(({ key }) => before.slice(index).some((records) => records.some((one) => one.key === key)))
      .map(
        ({ name }) =>
          `The record ${name} leads to another place in what is deployed, and would be made here before it is deleted there, ` +
          'which Route 53 refuses. Take the name away in one delivery, and give it in the next.',
      );
  });
}

function recordsIn({ Resources = {} }: Template): NamedRecord[] {
  return Object.entries(Resources).flatMap(([logicalId, { Type, Properties = {} }]) => {
    const { Name, Type: type, HostedZoneId, SetIdentifier } = Properties;
    if (Type !== 'AWS::Route53::RecordSet' || typeof Name !== 'string') return [];
    const name = Name.replace(/\.$/, '');
    return [
      { logicalId, name, key: JSON.stringify([HostedZoneId, name.toLowerCase(), type, SetIdentifier]) },
    ];
  });
}
