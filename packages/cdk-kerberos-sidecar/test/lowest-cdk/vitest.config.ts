import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

/** Runs the tests of the construct with the CDK in the folder CDK_FOLDER instead of this repository's CDK. */
const folder = `${process.env.CDK_FOLDER}/`;
const { resolve } = createRequire(folder);

function resolveThere(name: string): string {
  const path = resolve(name);
  if (!path.startsWith(folder)) throw new Error(`${name} was found at ${path}, not in ${folder}.`);
  return path;
}

export default defineConfig({
  plugins: [
    {
      name: 'another-cdk',
      enforce: 'pre',
      resolveId: (name) => (/^(aws-cdk-lib|constructs)(\/|$)/.test(name) ? resolveThere(name) : undefined),
    },
  ],
  test: {
    include: ['packages/cdk-kerberos-sidecar/test/*.test.ts'],
    exclude: ['**/*.e2e.test.ts', '**/published-package.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 600_000,
  },
});
