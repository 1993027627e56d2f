import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { type Node, type ParseError, parse, parseTree, printParseErrorCode } from 'jsonc-parser';
import { ConfigurationError } from './load-deployment.ts';
import { shortened, visible } from './visible.ts';

/** Explains the parser's error codes. */
const faults: Readonly<Record<string, string>> = {
  PropertyNameExpected: 'a key in double quotes is missing here; is there a comma after the last one',
  ValueExpected: 'a value is missing here; is there a comma after the last one',
  CommaExpected: 'a comma is missing before this',
  ColonExpected: 'a colon is missing here',
  CloseBraceExpected: 'a closing brace } is missing',
  CloseBracketExpected: 'a closing bracket ] is missing',
  EndOfFileExpected: 'the file should have ended before this',
  InvalidCommentToken: 'JSON does not allow comments',
  InvalidSymbol: 'this is not a JSON value: text needs double quotes',
  UnexpectedEndOfString: 'the text has no closing quote on its line',
  UnexpectedEndOfNumber: 'the number ends too early',
  UnexpectedEndOfComment: 'JSON does not allow comments',
  InvalidEscapeCharacter:
    'the text has an escape sequence that JSON does not know; a backslash itself is \\\\',
  InvalidUnicode: 'the text has \\u without four hexadecimal digits',
  InvalidCharacter: 'the text has a tab or another control character: a tab is \\t',
};

/** Makes an error that names a position in cdk.json. */
type Fault = (offset: number, fault: string) => ConfigurationError;

/**
 * Reads the CDK context of cdk.json. Rejects duplicate keys, because the first value would be lost silently, and the
 * key `__proto__`, whose value would be lost as well.
 *
 * @param file the file's URL or path
 * @throws ConfigurationError with the file's name, the line and the column when it cannot be read as JSON
 */
export function readCdkContext(file: URL | string): Readonly<Record<string, unknown>> {
  const { document, placeOf, fault } = readCdkJson(file);
  const { context } = document;
  if (context === undefined || context === null) return {};
  if (typeof context === 'object' && !Array.isArray(context)) return context as Record<string, unknown>;
  throw fault(placeOf('context'), '"context" must be an object, { "deployment": … }');
}

/**
 * Checks that the CDK runs this project's app. If another command writes nothing and exits successfully, the CDK would
 * take the assembly of an earlier synthesis for its result. Node.js options may precede the app: with one additional
 * thread and a large young generation, V8 needs a quarter less processor time for a synthesis.
 *
 * @param file the file's URL or path
 * @throws ConfigurationError like `readCdkContext`, and if `app` does not name bin/app.ts
 */
export function assertCdkApp(file: URL | string): void {
  const { document, placeOf, fault } = readCdkJson(file);
  const { app } = document;
  const words = Array.isArray(app) ? app : typeof app === 'string' ? app.split(/\s+/) : [];
  if (words.some((word) => /^(\.\/)?bin\/app\.ts$/.test(word))) return;
  const is = app === undefined ? 'is missing' : `is ${visible(shortened(JSON.stringify(app)))}`;
  throw fault(placeOf('app'), `"app" ${is}: it must be "node bin/app.ts"`);
}

interface CdkJson {
  readonly document: Readonly<Record<string, unknown>>;
  /** Offset of the value of a top-level key; without that key, of the document. */
  readonly placeOf: (key: string) => number;
  readonly fault: Fault;
}

function readCdkJson(file: URL | string): CdkJson {
  const bytes = read(file);
  // A power failure may leave a file of NUL bytes.
  if (/^[\s\0]*$/.test(bytes.toString('latin1').replace('\u00ef\u00bb\u00bf', ''))) {
    throw new ConfigurationError(
      'cdk.json is empty: "git checkout cdk.json" brings back what was committed last.',
    );
  }
  const text = decoded(bytes);
  const fault: Fault = (offset, what) => {
    const before = text.slice(0, offset).split(/\r\n|\r|\n/);
    const column = (before.at(-1) ?? '').length + 1;
    return new ConfigurationError(`cdk.json, line ${before.length}, column ${column}: ${what}.`);
  };
  const [document, root] = parsed(text, fault);
  if (root.type !== 'object')
    throw fault(root.offset, 'it must be an object, { "app": …, "context": { … } }');
  assertOnce(root, fault);
  const placeOf = (name: string) => {
    const at = root.children?.find(({ children }) => children?.[0]?.value === name)?.children?.[1];
    return at?.offset ?? root.offset;
  };
  return { document: document as Record<string, unknown>, placeOf, fault };
}

function read(file: URL | string): Buffer {
  try {
    // A pipe or a device might block, or never end.
    if (statSync(file).isFile()) return readFileSync(file);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new ConfigurationError(
      `cdk.json cannot be read (${code}): it belongs in the repository's top folder.`,
    );
  }
  throw new ConfigurationError('cdk.json is not a file, but a folder, a pipe or a device.');
}

function decoded(bytes: Buffer): string {
  const [first, second] = bytes;
  if (
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff) ||
    first === 0 ||
    second === 0
  ) {
    throw new ConfigurationError('cdk.json, line 1, column 1: the file is in UTF-16: save it as UTF-8.');
  }
  if (!isUtf8(bytes)) {
    const before = bytes.toString('utf8').split('\ufffd', 1)[0] as string;
    const lines = before.split(/\r\n|\r|\n/);
    throw new ConfigurationError(
      `cdk.json, line ${lines.length}, column ${(lines.at(-1) as string).length + 1}: this is not UTF-8: save the file as UTF-8.`,
    );
  }
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}

/** Deeper than any real configuration; a deeper document could overflow the parser's stack. */
const deepest = 100;

function parsed(text: string, fault: Fault): [document: unknown, root: Node] {
  const depth = tooDeep(text);
  if (depth !== undefined) throw fault(depth, `more than ${deepest} braces and brackets are open here`);
  const errors: ParseError[] = [];
  const options = { disallowComments: true };
  const document: unknown = parse(text, errors, options);
  const [first] = errors;
  if (first) throw fault(first.offset, meaning(first, text));
  return [document, parseTree(text, [], options) as Node];
}

function tooDeep(text: string): number | undefined {
  let open = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\\r\n]|\\.)*"|[[{}\]]/g)) {
    if (token === '{' || token === '[') open += 1;
    else if (token === '}' || token === ']') open -= 1;
    if (open > deepest) return index;
  }
  return undefined;
}

function meaning({ error, offset }: ParseError, text: string): string {
  const code = printParseErrorCode(error);
  const rest = text.slice(offset);
  if (/^(<{7}|={7}|>{7})/.test(rest)) return 'this is left over from a merge';
  if (code === 'CommaExpected' && /^\d/.test(rest) && /(^|[^\d.])0$/.test(text.slice(0, offset))) {
    return 'a number must not begin with 0; text, such as the number of an account, needs double quotes';
  }
  const odd = /^[^\u0020-\u007e]/u.exec(rest)?.[0];
  const named = odd?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  if (code === 'InvalidSymbol' && named) return `U+${named} is not allowed in JSON outside of text`;
  return faults[code] ?? `it is not JSON (${code})`;
}

/** @throws ConfigurationError if an object has a duplicate key, or the key `__proto__` */
function assertOnce(node: Node, fault: Fault): void {
  const seen = new Set<string>();
  for (const child of node.children ?? []) {
    const [key] = child.type === 'property' ? (child.children ?? []) : [];
    if (key) {
      // To JavaScript, and so to the CDK and the parser, this is not an ordinary key.
      if (key.value === '__proto__') throw fault(key.offset, 'no key may be named "__proto__"');
      if (seen.has(key.value))
        throw fault(key.offset, `the key "${visible(shortened(key.value))}" is a duplicate`);
      seen.add(key.value);
    }
    assertOnce(child, fault);
  }
}
