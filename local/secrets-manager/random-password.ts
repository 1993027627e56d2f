import { randomInt } from 'node:crypto';
import * as z from 'zod';
import { ServiceError } from './service-error.ts';

export const randomPasswordInput = z.object({
  PasswordLength: z.number().int().min(1).max(4096).default(32),
  ExcludeCharacters: z.string().default(''),
  ExcludeNumbers: z.boolean().default(false),
  ExcludePunctuation: z.boolean().default(false),
  ExcludeUppercase: z.boolean().default(false),
  ExcludeLowercase: z.boolean().default(false),
  IncludeSpace: z.boolean().default(false),
  RequireEachIncludedType: z.boolean().default(true),
});

/** As listed in the API reference of GetRandomPassword. */
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** @throws ServiceError when no characters are left, or the password is too short for one of each type */
export function randomPassword(input: z.output<typeof randomPasswordInput>): string {
  const types = [
    input.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    input.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    input.ExcludeNumbers ? '' : '0123456789',
    input.ExcludePunctuation ? '' : punctuation,
    input.IncludeSpace ? ' ' : '',
  ]
    .map((type) => [...type].filter((character) => !input.ExcludeCharacters.includes(character)))
    .filter((type) => type.length > 0);
  if (types.length === 0) {
    throw new ServiceError(
      'InvalidParameterException',
      'The password would have no characters to choose from.',
    );
  }
  const required = input.RequireEachIncludedType ? types : [];
  if (required.length > input.PasswordLength) {
    throw new ServiceError(
      'InvalidParameterException',
      'PasswordLength is less than the types it must hold.',
    );
  }
  const all = types.flat();
  const characters = Array.from({ length: input.PasswordLength }, (_, index) => pick(required[index] ?? all));
  for (let last = characters.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other] as string, characters[last] as string];
  }
  return characters.join('');
}

function pick(characters: readonly string[]): string {
  return characters[randomInt(characters.length)] as string;
}
