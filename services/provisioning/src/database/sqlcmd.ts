import { ProvisioningError } from '../provisioning-error.ts';
import { lineEnds, type SqlStretch } from './sql-lexer.ts';

/** A line that begins with a command of sqlcmd: `:r file`, `:setvar`, `:!!dir`, `!!dir`. */
const command = /^\s*(:?!!|:[a-z]+)/i;
/**
 * Commands that sqlcmd, like its predecessor, also accepts without a colon if they are alone on their line.
 * @see https://learn.microsoft.com/sql/tools/sqlcmd/sqlcmd-commands
 */
const commandWithoutColon =
  /^\s*(EXIT(?=\s*\()|(?:EXIT|QUIT|RESET|ED)(?=\s*;?\s*$)|ON\s+ERROR(?=\s+(?:EXIT|IGNORE)\s*$))/i;
/**
 * A scripting variable, which sqlcmd also replaces in strings and names; its name has neither blanks nor quotes.
 * @see https://learn.microsoft.com/sql/tools/sqlcmd/sqlcmd-use-scripting-variables
 */
const variable = /\$\(([^\s'"()]+)\)/;

/** @param code the line with comments replaced by blanks and quotations masked */
export function refuseSqlcmd(name: string, line: number, code: string): void {
  const colon = command.exec(code)?.[1];
  if (colon !== undefined) {
    throw new ProvisioningError(
      `${name}, line ${line}: ${colon} is a command of sqlcmd, which only that program knows: write its effect out in ` +
        'T-SQL.',
    );
  }
  const plain = commandWithoutColon.exec(code)?.[1];
  if (plain !== undefined) {
    throw new ProvisioningError(
      `${name}, line ${line}: ${plain} is a command of sqlcmd, which only that program knows: take it out; if it is a ` +
        'name, write it in brackets.',
    );
  }
}

/**
 * @param name the script's name, for errors
 * @throws ProvisioningError naming line and variable, for a variable of sqlcmd outside comments
 */
export function refuseVariables(name: string, stretches: readonly SqlStretch[]): void {
  for (const { kind, text, line } of stretches) {
    const found = kind === 'comment' ? null : variable.exec(text);
    if (!found) continue;
    throw new ProvisioningError(
      `${name}, line ${line + lineEnds(text.slice(0, found.index))}: ${found[0]} is a variable of sqlcmd, which only ` +
        `that program fills in: write its value; if the text itself is meant, write N'$' + N'(${found[1]})'.`,
    );
  }
}
