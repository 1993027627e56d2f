import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { acceptedFindingsFile } from '../../config/pipeline-names.ts';

/** The programs of the actions that follow the synthesis. */
const programs = [
  'check-changes',
  'check-provenance',
  'publish-assets',
  'recheck-images',
  'run-integration-test',
  'sign-images',
  'summarize-changes',
];
const sources = join(import.meta.dirname, '..', '..', 'programs');

let bundled: string | undefined;

/**
 * Makes of each program one file that needs Node.js and nothing else, and puts the CDK's CLI of the lock file beside
 * them. Made once in a process; the same sources and packages give the same files.
 *
 * @returns the folder, which is gone when the process ends
 */
export function bundleTools(): string {
  if (bundled) return bundled;
  const directory = mkdtempSync(join(tmpdir(), 'pipeline-tools-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  buildSync({
    entryPoints: programs.map((name) => ({ in: join(sources, `${name}.ts`), out: join(name, 'main') })),
    outdir: directory,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    // Not `minify`: esbuild would take ten seconds to shorten the syntax of the template comparison, for 4 %.
    minifyWhitespace: true,
    minifyIdentifiers: true,
    // Errors of the AWS SDK are told apart by the names of their classes.
    keepNames: true,
    logLevel: 'warning',
  });
  // The comparison of templates looks for CloudFormation's resource types beside the folder of its code.
  const require = createRequire(import.meta.url);
  const specification = dirname(
    require.resolve('@aws-cdk/aws-service-spec/package.json', {
      paths: [dirname(require.resolve('@aws-cdk/cloudformation-diff/package.json'))],
    }),
  );
  cpSync(join(specification, 'db.json.gz'), join(directory, 'db.json.gz'));
  // The accepted findings are part of the pipeline, so that a change of them is approved as a change of the pipeline.
  cpSync(join(sources, '..', '..', acceptedFindingsFile), join(directory, acceptedFindingsFile));
  // The CLI is one bundled file; its templates for new projects are not needed.
  const cli = dirname(require.resolve('aws-cdk/package.json'));
  cpSync(cli, join(directory, 'aws-cdk'), {
    recursive: true,
    // Names that begin with a dot may be left behind where artifacts are handed on.
    filter: (path) => !/\/(init-templates|docs|\.[^/]+)(\/|$)|\.d\.ts$/.test(path.slice(cli.length)),
  });
  bundled = directory;
  return directory;
}
