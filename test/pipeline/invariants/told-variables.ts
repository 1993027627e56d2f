import { buildSync } from 'esbuild';
import type { Buildspec } from '../../../lib/constructs/common/buildspec.ts';
import type { Pipeline } from '../../../local/pipeline/pipeline.ts';
import { commandsOf, orderOf, place } from './order.ts';

/** A build: what it is told, and what it does. */
export interface ToldBuild {
  readonly name: string;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly buildspec: Pick<Buildspec, 'env' | 'phases'>;
}

/** `npm test`, `npm run lint` and `npm run synth`: the app reads the variables of the synthesis. */
const synthesis = 'bin/app.ts';
const bundles = new Map<string, string>();

/** A program with all modules of ours that it loads, as text. */
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

/** The programs of ours that commands start, by their modules. */
function programsIn(commands: string): string[] {
  const started = [...commands.matchAll(/(lib\/programs\/[\w-]+)\.ts|[/ "]([\w-]+)\/main\.cjs/g)].map(
    ([, module, bundled]) => `${module ?? `lib/programs/${bundled}`}.ts`,
  );
  return [...new Set([...started, ...(commands.includes('npm run synth') ? [synthesis] : [])])];
}

/**
 * Variables that a project or an action of CodeBuild sets and neither the commands of the buildspec nor a program that they
 * start names: a slip on one side. A program takes many of them for left out, and does less.
 */
export function unreadVariables({ name, environment, buildspec }: ToldBuild): string[] {
  const commands = commandsOf(buildspec).join('\n');
  const programs = programsIn(commands).map(textOf);
  return Object.keys(environment)
    .filter((variable) => {
      // Usage as `NAME=…`, or an assignment, reads nothing.
      const asWord = new RegExp(`\\b${variable}\\b(?!=)`);
      return !asWord.test(commands) && !programs.some((text) => asWord.test(text));
    })
    .map((variable) => `${name} is told ${variable}, which nothing in it reads`);
}

/** Variables that commands read, and that neither they set nor the build is told: the shell takes them for empty. */
export function untoldVariables({ name, environment, buildspec }: ToldBuild): string[] {
  const commands = commandsOf(buildspec).join('\n');
  const told = { ...environment, ...buildspec.env?.variables };
  const read = new Set(
    [...commands.matchAll(/\$\{?([A-Z][A-Z0-9_]*)/g)].map(([, variable = '']) => variable),
  );
  return [...read]
    .filter((variable) => !(variable in told || variable.startsWith('CODEBUILD_')))
    .filter((variable) => !new RegExp(`\\b${variable}=`).test(commands))
    .map((variable) => `${name} reads ${variable}, which nobody tells it`);
}

/** Variables that a buildspec exports without a command that sets them, or that an action uses and none exports. */
export function unsetVariables(pipeline: Pipeline): string[] {
  const { builds } = orderOf(pipeline);
  const exported = new Map<string, readonly string[]>();
  const unset = builds.flatMap((build) => {
    const names = build.buildspec.env?.['exported-variables'] ?? [];
    if (build.namespace) exported.set(build.namespace, names);
    const commands = commandsOf(build.buildspec).join('\n');
    return names
      .filter((name) => !new RegExp(`\\bexport ${name}\\b`).test(commands))
      .map((name) => `${place(build)} exports ${name}, which no command of it sets`);
  });
  const used = [...JSON.stringify(pipeline.stages).matchAll(/#\{([\w-]+)\.(\w+)\}/g)];
  return [
    ...unset,
    ...used
      .filter(([, namespace = '', name = '']) => exported.get(namespace)?.includes(name) === false)
      .map(([variable]) => `${variable} is used, and its build does not export it`),
  ];
}
