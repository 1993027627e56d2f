import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('a clone has the committed bytes, even if git converts line endings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
  const git = (...words: string[]) =>
    execFileSync(
      'git',
      ['-c', 'core.autocrlf=true', '-c', 'user.name=x', '-c', 'user.email=x@localhost', ...words],
      {
        cwd: folder,
        stdio: 'ignore',
      },
    );
  try {
    cpSync('.gitattributes', join(folder, '.gitattributes'));
    writeFileSync(join(folder, 'program.ts'), 'one\ntwo\n');
    git('init');
    git('add', '.');
    git('commit', '--message', 'All');
    rmSync(join(folder, 'program.ts'));
    git('checkout', 'program.ts');
    expect(readFileSync(join(folder, 'program.ts'), 'utf8')).toBe('one\ntwo\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
