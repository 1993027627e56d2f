import { buildSync } from 'esbuild';
import type { Buildspec } from '../../../lib/constructs/common/buildspec.ts';
import type { Pipeline } from '../../../local/pipeline/pipeline.ts';
import { commandsOf, orderOf, place } from './order.ts';

/** A build: its environment variables and its buildspec. */
export interface ToldBuild {
  readonly name: string;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly buildspec: Pick<Buildspec, 'env' | 'phases'>;
}

/** The program behind `npm run synth`: the CDK app reads the variables of the synthesis. */
const synthesis = 'bin/app.ts';
const bundles = new Map<string, string>();

/** The text of a program, with every module of this project that it loads. */
function textOf(program: string): string {
  const known = bundles.get(program);
  if (known !== undefined) return known;
  const { outputFiles } = buildSync({
    entryPoints: [program],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  const text = outputFiles.map((file) => file.text).join('\n');
  bundles.set(program, text);
  return text;
}

/** The modules of this project's programs that the commands start. */
function programsIn(commands: string): string[] {
  const started = [...commands.matchAll(/(lib\/programs\/[\w-]+)\.ts|[/ "]([\w-]+)\/main\.cjs/g)].map(
    ([, module, bundled]) => `${module ?? `lib/programs/${bundled}`}.ts`,
  );
  return [...new Set([...started, ...(commands.includes('npm run synth') ? [synthesis] : [])])];
}

/**
 * Variables that a CodeBuild project or action sets, but that neither the buildspec's commands nor the programs they start
 * mention. The name must be wrong on one side; the program would treat the variable as unset and silently do less.
 */
export function unreadVariables({ name, environment, buildspec }: ToldBuild): string[] {
  const commands = commandsOf(buildspec).join('\n');
  const programs = programsIn(commands).map(textOf);
  return Object.keys(environment)
    .filter((variable) => {
      // `NAME=…`, in a usage text or an assignment, does not read the variable.
      const asWord = new RegExp(`\\b${variable}\\b(?!=)`);
      return !asWord.test(commands) && !programs.some((text) => asWord.test(text));
    })
    .map((variable) => `${name} gets ${variable}, which nothing in the build reads`);
}

/** Variables that the commands read but that are set neither by them nor for the build; the shell treats them as empty. */
export function untoldVariables({ name, environment, buildspec }: ToldBuild): string[] {
  const commands = commandsOf(buildspec).join('\n');
  const told = { ...environment, ...buildspec.env?.variables };
  const read = new Set(
    [...commands.matchAll(/\$\{?([A-Z][A-Z0-9_]*)/g)].map(([, variable = '']) => variable),
  );
  return [...read]
    .filter((variable) => !(variable in told || variable.startsWith('CODEBUILD_')))
    .filter((variable) => !new RegExp(`\\b${variable}=`).test(commands))
    .map((variable) => `${name} reads ${variable}, which is not set for it`);
}

/** Variables that a buildspec exports but no command sets, or that an action uses but its build does not export. */
export function unsetVariables(pipeline: Pipeline): string[] {
  const { builds } = orderOf(pipeline);
  const exported = new Map<string, readonly string[]>();
  const unset = builds.flatMap((build) => {
    const names = build.buildspec.env?.['exported-variables'] ?? [];
    if (build.namespace) exported.set(build.namespace, names);
    const commands = commandsOf(build.buildspec).join('\n');
    return names
      .filter((name) => !new RegExp(`\\bexport ${name}\\b`).test(commands))
      .map((name) => `${place(build)} exports ${name}, which none of its commands sets`);
  });
  const used = [...JSON.stringify(pipeline.stages).matchAll(/#\{([\w-]+)\.(\w+)\}/g)];
  return [
    ...unset,
    ...used
      .filter(([, namespace = '', name = '']) => exported.get(namespace)?.includes(name) === false)
      .map(([variable]) => `${variable} is used, but its build does not export it`),
  ];
}
