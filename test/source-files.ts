import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';

/**
 * The files of this repository, as paths relative to it: those that git tracks. Without a git repository, as in
 * CodePipeline, or within another repository that does not track them: all files not listed in `.gitignore`.
 */
export function sourceFiles(): string[] {
  const tracked = execaSync('git', ['ls-files', '-z'], { reject: false });
  return ((!tracked.failed && tracked.stdout) || notIgnored()).split('\0').filter((path) => path !== '');
}

function notIgnored(): string {
  const empty = mkdtempSync(join(tmpdir(), 'source-files-'));
  try {
    execaSync('git', ['init', '--quiet', empty]);
    const repository = [`--git-dir=${join(empty, '.git')}`, '--work-tree=.'];
    return execaSync('git', [...repository, 'ls-files', '--others', '--exclude-standard', '-z']).stdout;
  } finally {
    rmSync(empty, { recursive: true, force: true });
  }
}
