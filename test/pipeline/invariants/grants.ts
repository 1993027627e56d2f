import { pseudoParameters, type References, resolve } from '../../../local/pipeline/template/resolve.ts';
import { list, resources, type SynthesizedTemplate } from '../../infrastructure/template.ts';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Principal?: string | Readonly<Record<string, string | string[]>>;
  readonly Condition?: unknown;
}

/** The permissions in the policies of a template, in a form that people can read and tests can compare. */
export class Grants {
  readonly #template: SynthesizedTemplate;
  readonly #references: References;

  constructor(template: SynthesizedTemplate, { account, region }: { account: string; region: string }) {
    this.#template = template;
    this.#references = pseudoParameters(account, region);
  }

  /** What a role may do: one `action on resource` each, sorted; denials begin with `not`. */
  of(role: string): string[] {
    const documents = resources(this.#template, 'AWS::IAM::Policy')
      .filter(([, { Properties }]) => JSON.stringify(Properties.Roles).includes(`"${role}"`))
      .map(([, { Properties }]) => Properties.PolicyDocument);
    const inline = list(this.#template.Resources[role]?.Properties.Policies).map(
      ({ PolicyDocument }) => PolicyDocument,
    );
    const grants = this.#statements([...documents, ...inline]).flatMap((statement) =>
      list(statement.Action).flatMap((action) =>
        list(statement.Resource).map((resource) =>
          [
            ...(statement.Effect === 'Deny' ? ['not'] : []),
            `${action} on ${resource}`,
            ...(statement.Condition ? [`if ${JSON.stringify(statement.Condition)}`] : []),
          ].join(' '),
        ),
      ),
    );
    return [...new Set(grants)].sort();
  }

  /** The ARNs of managed policies attached to a role; what these allow is not looked at. */
  managedPolicies(role: string): readonly unknown[] {
    return list(this.#template.Resources[role]?.Properties.ManagedPolicyArns);
  }

  /** The principals that may assume a role, such as `codebuild.amazonaws.com if …`. */
  trusted(role: string): string[] {
    return this.#principals([this.#template.Resources[role]?.Properties.AssumeRolePolicyDocument]);
  }

  /** The principals that a resource's own policy allows to use it. */
  usersOf(policy: unknown): string[] {
    return this.#principals([policy]);
  }

  #principals(documents: readonly unknown[]): string[] {
    return this.#statements(documents)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Principal = {}, Condition }) =>
        Object.values(Principal).flatMap((principals) =>
          list(principals).map((principal) =>
            Condition ? `${principal} if ${JSON.stringify(Condition)}` : principal,
          ),
        ),
      )
      .sort();
  }

  #statements(documents: readonly unknown[]): Statement[] {
    return documents.flatMap(
      (document) => (resolve(document, this.#references) as { Statement: Statement[] }).Statement,
    );
  }
}
