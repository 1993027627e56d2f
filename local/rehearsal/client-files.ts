import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rehearsal } from './rehearsal.ts';

/**
 * Writes the files that a user's own shell needs to use the rehearsal's domain and database with standard tools (kinit,
 * klist, tsql): a file to source, and a freetds.conf(5).
 *
 * @returns the path of the file to source
 */
export async function writeClientFiles(rehearsal: Rehearsal): Promise<string> {
  const { names, stateDirectory } = rehearsal;
  const { environment } = rehearsal.part('domain');
  const freetds = join(stateDirectory, 'freetds.conf');
  await writeFile(
    freetds,
    `${[
      `[${names.instance}]`,
      `host = ${names.sqlServer}`,
      `port = ${names.port}`,
      'tds version = 7.4',
      'encryption = require',
      'client charset = UTF-8',
      `ca file = ${rehearsal.part('sqlServer').authorityFile}`,
      // FreeTDS can compare the certificate with the host name only, but on RDS, and therefore here, the certificate
      // has another name.
      'check certificate hostname = no',
      `spn = ${names.spn}`,
    ].join('\n')}\n`,
  );
  const variables = { ...environment, FREETDSCONF: freetds };
  const file = join(stateDirectory, 'environment.sh');
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}
