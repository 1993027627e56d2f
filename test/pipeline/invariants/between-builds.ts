import { list, resources, type SynthesizedTemplate } from '../../infrastructure/template.ts';

type Properties = Readonly<Record<string, unknown>>;
const projectsOf = (template: SynthesizedTemplate) =>
  resources(template, 'AWS::CodeBuild::Project').map(([, { Properties }]) => Properties);

/** What the build of one commit could leave behind for the build of another: machines, files, layers. */
export function keptBetweenBuilds(template: SynthesizedTemplate): string[] {
  return projectsOf(template).flatMap((project) => {
    const { DockerServer, Fleet } = project.Environment as Properties;
    const cache = (project.Cache ?? { Type: 'NO_CACHE' }) as Properties;
    return Object.entries({
      'a Docker server': DockerServer,
      'reserved machines': Fleet,
      'file systems': project.FileSystemLocations,
      'a cache': cache.Type === 'NO_CACHE' ? undefined : cache,
    })
      .filter(([, value]) => value !== undefined)
      .map(([what]) => `${project.Name} has ${what}`);
  });
}

/** Builds that write their log to a stream of another project, or may do so. */
export function sharedStreams(template: SynthesizedTemplate): string[] {
  const projects = projectsOf(template);
  const prefixes = projects.map(({ LogsConfig }) => LogsConfig.CloudWatchLogs.StreamName);
  return projects.flatMap((project, index) => {
    const prefix = prefixes[index];
    const role = project.ServiceRole['Fn::GetAtt']?.[0];
    const streams = resources(template, 'AWS::IAM::Policy')
      .filter(([, { Properties }]) => JSON.stringify(Properties.Roles).includes(`"${role}"`))
      .flatMap(([, { Properties }]) => list(Properties.PolicyDocument.Statement))
      .filter(({ Effect, Action }) => Effect === 'Allow' && list(Action).some(writes))
      .flatMap(({ Resource }) => list(Resource))
      .map((resource) => /:log-stream:(.*)$/.exec(list(resource['Fn::Join']?.[1]).at(-1) ?? '')?.[1]);
    const wrong = [
      ...(prefix === undefined || prefixes.filter((each) => each === prefix).length > 1
        ? ['writes no streams of its own']
        : []),
      ...(streams.length === 0 ? ['writes no log'] : []),
      ...(streams.every((stream) => stream === `${prefix}/*`)
        ? []
        : ['may write into the streams of others']),
    ];
    return wrong.map((sentence) => `${project.Name} ${sentence}`);
  });
}

const writes = (action: unknown) => /^(\*|logs:(\*|Put\*|PutLogEvents))$/.test(String(action));
