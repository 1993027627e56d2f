import { shown } from './parameters/data-type.ts';

/**
 * Settings that would do nothing are refused: a misspelt time limit is none, and a database in the wrong place is another
 * database.
 *
 * @param what they are settings of, as the sentence begins: `The pool`
 * @throws TypeError that names them
 */
export function assertKnown(what: string, given: object, known: readonly string[], remedy = ''): void {
  const unknown = Object.entries(given).filter(
    ([name, value]) => value !== undefined && !known.includes(name),
  );
  if (unknown.length === 0) return;
  const names = unknown.map(([name]) => `"${name}"`).join(', ');
  throw new TypeError(`${what} has no ${names}, but ${known.join(', ')}.${remedy && ` ${remedy}`}`);
}

/**
 * The same for the options of tedious, which are too many for one sentence.
 *
 * @throws TypeError that names the first one that tedious does not have
 */
export function assertOptions(given: object, known: readonly string[]): void {
  const entry = Object.entries(given).find(([name, value]) => value !== undefined && !known.includes(name));
  if (!entry) return;
  const meant = known.find((name) => name.toLowerCase() === entry[0].toLowerCase());
  throw new TypeError(
    `tedious has no option "${entry[0]}"${meant ? `, but "${meant}"` : ': see https://tediousjs.github.io/tedious/api-connection.html'}.`,
  );
}

/** @throws TypeError for what holds no settings */
export function assertObject(what: string, given: unknown): void {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return;
  const shape = Array.isArray(given) ? 'a list' : shown(given);
  throw new TypeError(`${what} must be an object, not ${shape}.`);
}

/** @throws TypeError for what cannot be waited for to be aborted; by what it can do, since others make such signals, too */
export function assertSignal(signal: unknown): void {
  if (signal === undefined || signal === null) return;
  const { addEventListener, removeEventListener, aborted } = signal as Partial<AbortSignal>;
  const listens = typeof addEventListener === 'function' && typeof removeEventListener === 'function';
  if (listens && typeof aborted === 'boolean') return;
  throw new TypeError(
    `"signal" must be an AbortSignal, such as AbortSignal.timeout(5000), not ${shown(signal)}.`,
  );
}
