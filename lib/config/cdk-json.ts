import { readFileSync } from 'node:fs';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { ConfigurationError } from './load-deployment.ts';

/** What the parser's codes mean to a person. */
const faults: Readonly<Record<string, string>> = {
  PropertyNameExpected: 'a key in double quotes is missing here; is there a comma after the last one',
  ValueExpected: 'a value is missing here; is there a comma after the last one',
  CommaExpected: 'a comma is missing before this',
  ColonExpected: 'a colon is missing here',
  CloseBraceExpected: 'a closing brace } is missing',
  CloseBracketExpected: 'a closing bracket ] is missing',
  EndOfFileExpected: 'the file should have ended before this',
  InvalidCommentToken: 'JSON knows no comments',
  InvalidSymbol: 'this is no value of JSON: text needs double quotes',
  UnexpectedEndOfString: 'the text has no closing quote on its line',
};

/**
 * The CDK context of cdk.json.
 *
 * @param file the file's URL or path
 * @throws ConfigurationError with the file's name, the line and the column when it cannot be read as JSON
 */
export function readCdkContext(file: URL | string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(
      `cdk.json cannot be read (${code}): it belongs into the repository's top folder.`,
    );
  }
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { disallowComments: true });
  const [first] = errors;
  if (first) {
    const before = text.slice(0, first.offset).split(/\r\n|\r|\n/);
    const code = printParseErrorCode(first.error);
    const column = (before.at(-1) ?? '').length + 1;
    throw new ConfigurationError(
      `cdk.json, line ${before.length}, column ${column}: ${faults[code] ?? `it is not JSON (${code})`}.`,
    );
  }
  const context = (value as { context?: unknown } | null)?.context;
  return context !== null && typeof context === 'object' ? (context as Record<string, unknown>) : {};
}
