import { join } from 'node:path';
import { execa } from 'execa';

/** The domain's database, reached as samba-tool(8) and ldb-tools do on the domain controller itself. */
export interface SambaTools {
  /**
   * Runs `samba-tool` against this domain.
   *
   * @param options.stdin answers to its prompts (it has no terminal and so reads them from there)
   * @returns what it printed on stdout
   * @throws Error with samba-tool's own message
   */
  samba(args: readonly string[], options?: { stdin?: string }): Promise<string>;
  /**
   * Applies LDIF (RFC 2849) with ldbmodify(1), read from stdin, so secrets in it never show in a command line.
   *
   * @throws Error with the database's own message
   */
  modify(ldif: string): Promise<void>;
  /** Looks entries up with ldbsearch(1) and returns its LDIF. */
  search(filter: string, attributes?: readonly string[]): Promise<string>;
}

export function sambaTools(directory: string, smbConf: string): SambaTools {
  const database = join(directory, 'private', 'sam.ldb');
  return {
    async samba(args, { stdin = '' } = {}) {
      // A session of its own: without a terminal, password prompts read stdin.
      const result = await execa('samba-tool', [...args, `--configfile=${smbConf}`], {
        input: stdin,
        detached: true,
        reject: false,
        timeout: 60_000,
      });
      if (result.failed) throw new Error(`samba-tool ${args.slice(0, 3).join(' ')}: ${said(result)}`);
      return result.stdout;
    },
    async modify(ldif) {
      const result = await execa('ldbmodify', ['-H', database, `--configfile=${smbConf}`], {
        input: ldif,
        reject: false,
        timeout: 30_000,
      });
      if (result.failed) throw new Error(`ldbmodify: ${said(result)}`);
    },
    async search(filter, attributes = []) {
      const { stdout } = await execa(
        'ldbsearch',
        ['-H', database, `--configfile=${smbConf}`, filter, ...attributes],
        { timeout: 30_000 },
      );
      return stdout;
    },
  };
}

function said(result: { stderr: string; stdout: string }): string {
  const lines = `${result.stderr}\n${result.stdout}`
    .split('\n')
    .filter((line) => /ERR|rror|failed/.test(line));
  return lines.at(-1)?.trim() ?? 'failed without a message';
}
