import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Imports that a wall forbids: path → what it imports. */
const refused = {
  'lib/config/a.ts': '../constructs/common/tags.ts',
  'lib/config/b.ts': '../aws/poll.ts',
  'lib/aws/a.ts': '../operator/confirm.ts',
  'lib/aws/deep/b.ts': '../../programs/program.ts',
  'lib/validation/a.ts': '../delivery/pipeline-stack.ts',
  'lib/constructs/network/a.ts': '../../stacks/network-stack.ts',
  'lib/constructs/service/b.ts': '../../delivery/image-digests.ts',
  'lib/constructs/common/c.ts': '../../../services/provisioning/src/index.ts',
  'lib/stacks/a.ts': '../stages/service-stage.ts',
  'lib/stages/a.ts': '../delivery/pipeline-stack.ts',
  'lib/stages/b.ts': '../application.ts',
  'lib/delivery/steps/a.ts': '../../programs/program.ts',
  'lib/delivery/b.ts': '../application.ts',
  'lib/delivery/c.ts': '../../test/source-files.ts',
  'lib/programs/images/a.ts': '../../constructs/common/buildspec.ts',
  'lib/programs/b.ts': '../operator/run-tool.ts',
  'lib/operator/release/a.ts': '../../delivery/image-digests.ts',
  'lib/operator/bootstrap/b.ts': '../../programs/image-state.ts',
  'lib/operator/c.ts': '../../local/processes/within.ts',
  'lib/a.ts': '../local/start.ts',
  'bin/a.ts': '../test/check.ts',
  'services/web/src/a.ts': '../../../lib/config/index.ts',
  'services/web/src/b.ts': '../test/music-site.ts',
  'services/web/src/c.ts': '../../worker/src/play-counts.ts',
  'services/web/src/deep/d.ts': '../../../worker/src/play-counts.ts',
  'services/job/src/e.ts': '@services/worker',
  'services/sidecar/build.ts': '../../local/processes/within.ts',
  'services/sidecar/test/a.ts': '../../../lib/config/index.ts',
  'services/sidecar/test/b.test.ts': '../../../lib/config/index.ts',
  'packages/contracts/src/a.ts': '../../../lib/config/index.ts',
  'packages/tedious-kerberos/test/a.ts': '../../../bin/release.ts',
  'packages/tedious-kerberos/test/b.ts': '../../../services/web/test/music-site.ts',
  'services/web/test/a.ts': '../../../packages/tedious-kerberos/test/scripted-login.ts',
  'local/containers/a.ts': '../rehearsal/rehearsal.ts',
  'local/service/deep/a.ts': '../../rehearsal/names.ts',
  'local/rehearsal/a.ts': '../../test/check.ts',
};

const allowed = {
  'lib/config/fine.ts': './names.ts',
  'lib/config/fine.test.ts': '../../test/infrastructure/example-deployment.ts',
  'lib/constructs/service/fine.ts': '../../config/index.ts',
  'lib/constructs/service/fine.test.ts': '../../application.ts',
  'lib/delivery/fine.ts': '../stages/service-stage.ts',
  'lib/operator/release/fine.ts': '../../aws/errors.ts',
  'lib/operator/fine.ts': 'aws-cdk-lib/pipelines',
  'bin/fine.ts': '../lib/application.ts',
  'packages/tedious-kerberos/src/fine.ts': 'tedious/lib/login7-payload.js',
  'services/web/src/fine.ts': '../music/fine.ts',
  'services/web/src/fine.test.ts': '../../../test/source-files.ts',
  'services/web/test/fine.ts': '../../../local/testing/sql-server.ts',
  'local/rehearsal/fine.ts': '../../lib/config/index.ts',
  'test/fine.ts': '../local/start.ts',
};

/** One forbidden import in all forms that the linter recognizes; `test/architecture.test.ts` covers other forms. */
const ways = [
  "import '../aws/poll.ts';",
  "import { poll } from '../aws/poll.ts';",
  "import type { Poll } from '../aws/poll.ts';",
  "export type { Poll } from '../aws/poll.ts';",
  "export const poll = () => import('../aws/poll.ts');",
].map((line, index): [path: string, line: string] => [`lib/config/way-${index}.ts`, line]);

/** Words that would keep a test, or all others, from running. */
const notRun = { skip: 'lint/suspicious/noSkippedTests', only: 'lint/suspicious/noFocusedTests' };

const rules: Record<string, string[]> = {};
const folder = mkdtempSync(join(tmpdir(), 'walls-'));

beforeAll(async () => {
  copyFileSync('biome.json', join(folder, 'biome.json'));
  copyFileSync('.gitignore', join(folder, '.gitignore'));
  for (const [path, specifier] of Object.entries({ ...refused, ...allowed })) {
    write(path, `export * from '${specifier}';\n`);
  }
  for (const [path, line] of ways) write(path, `${line}\n`);
  write('lib/aws/there.ts', "import { back } from './back.ts';\nexport const there = () => back;\n");
  write('lib/aws/back.ts', "import { there } from './there.ts';\nexport const back = () => there;\n");
  for (const how of Object.keys(notRun)) {
    write(`test/${how}.test.ts`, `import { test } from 'vitest';\ntest.${how}('one', () => {});\n`);
  }

  const { stdout } = await execa('biome', ['lint', '--reporter=json', '--max-diagnostics=none'], {
    cwd: folder,
    preferLocal: true,
    localDir: process.cwd(),
    reject: false,
  });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string | { file: string } } }[];
  };
  for (const { category, location } of diagnostics) {
    const path = typeof location.path === 'string' ? location.path : location.path.file;
    rules[path] = [...(rules[path] ?? []), category];
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(refused))('%s may not import %s', (path) => {
  expect(rules[path]).toContain('lint/style/noRestrictedImports');
});

test.each(ways)('%s may not say %s', (path) => {
  expect(rules[path]).toContain('lint/style/noRestrictedImports');
});

test.each(Object.entries(allowed))('%s may import %s', (path) => {
  expect(rules[path]).toBeUndefined();
});

test.each<[path: string, rule: string]>([
  ['lib/aws/there.ts', 'lint/suspicious/noImportCycles'],
  ['lib/aws/back.ts', 'lint/suspicious/noImportCycles'],
  ...Object.entries(notRun).map(([how, rule]): [string, string] => [`test/${how}.test.ts`, rule]),
])('%s breaks %s', (path, rule) => {
  expect(rules[path]).toContain(rule);
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
