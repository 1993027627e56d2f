import type { DataType } from '../data-types.ts';
import { parseDataType } from './expressions.ts';
import { TokenStream } from './token-stream.ts';

export interface Declaration {
  readonly name: string;
  readonly type: DataType;
  readonly output: boolean;
}

/** The parameters of `sp_executesql` and `sp_prepare`: `@count int, @name nvarchar(50) OUTPUT`. */
export function parseDeclarations(text: string): Declaration[] {
  const tokens = new TokenStream(text);
  if (tokens.atEnd) return [];
  const declarations = tokens.list(() => {
    const name = tokens.variable();
    tokens.accept('AS');
    const type = parseDataType(tokens);
    const output = /^OUT(PUT)?$/.test(tokens.peek().key);
    if (output) tokens.next();
    return { name, type, output };
  });
  if (!tokens.atEnd) tokens.fail();
  return declarations;
}
