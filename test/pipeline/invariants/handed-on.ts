import { artifactPrefix } from '../../../lib/delivery/artifacts/artifact-names.ts';
import { resources } from '../../infrastructure/template.ts';
import type { SynthesizedPipeline } from '../synthesized-pipeline.ts';
import { Grants } from './grants.ts';
import { commandsOf, orderOf, place } from './order.ts';

/** Matches commands that run only the pipeline's own programs, without code of the commit. */
const ours = /^(node "\$CODEBUILD_SRC_DIR_Tools_Source\/|export [A-Z_]+="\$)/;

/**
 * The artifacts that actions use after an approval although a build that runs the commit's code wrote or may write them.
 */
export function replaceableWhileItWaits({ pipeline, template, deployment }: SynthesizedPipeline): string[] {
  const { actions, builds, precedes } = orderOf(pipeline);
  const grants = new Grants(template, deployment.tools);
  const untrusted = builds.filter(({ buildspec }) => !commandsOf(buildspec).every((line) => ours.test(line)));
  const writesOf = new Map(
    untrusted.map(({ project }) => [
      project,
      grants
        .of(template.Resources[project]?.Properties.ServiceRole['Fn::GetAtt'][0])
        .filter((grant) => /^(s3:\*|s3:Put\S*|\*) on /.test(grant)),
    ]),
  );
  const approvals = actions.filter(({ kind }) => kind === 'approval');
  const later = actions.filter((action) => approvals.some((approval) => precedes(approval, action)));
  return later.flatMap((action) =>
    action.inputs
      .filter((input) => actions.some(({ kind, outputs }) => kind === 'build' && outputs.includes(input)))
      .flatMap((input) =>
        untrusted
          .filter(
            ({ outputs, project }) =>
              outputs.includes(input) ||
              writesOf
                .get(project)
                ?.some((grant) => mayWrite(grant, `/${artifactPrefix(deployment, input)}/key`)),
          )
          .map((writer) => `${place(action)} takes ${input}, which ${place(writer)} writes`),
      ),
  );
}

/** Compares only the part after the bucket's name, as the artifact buckets of all regions have the same prefixes. */
function mayWrite(grant: string, key: string): boolean {
  const resource = grant.replace(/^\S+ on /, '').replace(/ if .*$/, '');
  if (resource === '*') return true;
  if (!/artifacts/i.test(resource.replace(/\/.*$/, ''))) return false;
  const parts = resource.replace(/^[^/]*/, '').split('*');
  return new RegExp(`^${parts.map(literally).join('.*')}$`).test(key);
}

const literally = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');

/** The roles of the pipeline's template that may write an artifact. */
export function rolesThatWrite({ template, deployment }: SynthesizedPipeline, artifact: string): string[] {
  const grants = new Grants(template, deployment.tools);
  return resources(template, 'AWS::IAM::Role')
    .map(([role]) => role)
    .filter((role) =>
      grants
        .of(role)
        .some(
          (grant) =>
            grant.startsWith('s3:PutObject on ') &&
            mayWrite(grant, `/${artifactPrefix(deployment, artifact)}/key`),
        ),
    );
}
