// `bundle.ts DIRECTORY`: makes of each program that runs after the synth one file that needs Node.js and nothing else.
import { cpSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const programs = ['publish-assets', 'summarize-changes', 'run-integration-test'];
const [directory] = process.argv.slice(2);
if (!directory) throw new Error('usage: bundle.ts DIRECTORY');

mkdirSync(directory, { recursive: true });
await build({
  entryPoints: programs.map((name) => ({
    in: join(import.meta.dirname, `${name}.ts`),
    out: join(name, 'main'),
  })),
  outdir: directory,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  minify: true,
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
// The CDK's CLI of the lock file, one file without dependencies, which updates the pipeline.
cpSync(dirname(require.resolve('aws-cdk/package.json')), join(directory, 'aws-cdk'), { recursive: true });
