import type { Template } from './template.ts';

/** A stack's deployed and new template. */
export interface StackPair {
  readonly deployed: Template | undefined;
  readonly synthesized: Template;
}

interface NamedRecord {
  readonly logicalId: string;
  /** Zone, name, type and, for weighted and similar records, identifier: unique in Route 53. */
  readonly key: string;
  readonly name: string;
}

/**
 * Finds Route 53 records that one resource would create while another still has them: CloudFormation creates a stack's new
 * resources before it deletes old ones, and updates a stack before those that depend on it.
 *
 * @param stacks in the order of deployment
 * @returns an error for each
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
          `The record ${name} belongs to another resource in the deployed stacks, and would be created here before it is ` +
          'deleted there, which Route 53 refuses. Remove the name in one delivery, and add it in the next.',
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
