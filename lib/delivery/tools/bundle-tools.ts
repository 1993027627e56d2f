import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';
import { acceptedFindingsFile } from '../../config/pipeline-names.ts';

/** The programs of the actions after the synthesis. */
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
 * Bundles each program into one file that needs only Node.js, and adds the CDK CLI of the lock file. Bundles once per
 * process; the same sources and packages give the same files.
 *
 * @returns the folder, which is deleted when the process exits
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
    // The programs tell errors of the AWS SDK apart by their class names.
    keepNames: true,
    logLevel: 'warning',
  });
  // The template comparison looks for CloudFormation's resource types in the parent of its code's folder.
  const require = createRequire(import.meta.url);
  const specification = dirname(
    require.resolve('@aws-cdk/aws-service-spec/package.json', {
      paths: [dirname(require.resolve('@aws-cdk/cloudformation-diff/package.json'))],
    }),
  );
  cpSync(join(specification, 'db.json.gz'), join(directory, 'db.json.gz'));
  // The accepted findings are part of the pipeline, so that a change to them needs approval like any change of the pipeline.
  cpSync(join(sources, '..', '..', acceptedFindingsFile), join(directory, acceptedFindingsFile));
  // The CLI is one bundled file; its templates for new projects are not needed.
  const cli = dirname(require.resolve('aws-cdk/package.json'));
  cpSync(cli, join(directory, 'aws-cdk'), {
    recursive: true,
    // Files whose names begin with a dot may get lost when artifacts are passed on.
    filter: (path) => !/\/(init-templates|docs|\.[^/]+)(\/|$)|\.d\.ts$/.test(path.slice(cli.length)),
  });
  bundled = directory;
  return directory;
}
