import * as z from 'zod';

const allowed = 'a valid git branch name';

/** @see https://git-scm.com/docs/git-check-ref-format */
const refused = [
  /^$/,
  /[\p{Cc} ~^:?*[\\]/u,
  /\.\.|@\{|\/\//,
  /^[-/]|[/.]$/,
  // No part begins with a dot or ends with ".lock".
  /(^|\/)\.|\.lock(\/|$)/,
  /^(@|HEAD)$/,
];

export const branch = z
  .string({ error: allowed })
  .max(250, { error: allowed })
  .refine((name) => !refused.some((pattern) => pattern.test(name)), { error: allowed, abort: true })
  .refine((name) => !name.startsWith('refs/'), { error: 'the name of a branch alone, without "refs/heads/"' })
  .default('main');
