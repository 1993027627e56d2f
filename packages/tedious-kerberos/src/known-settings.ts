import { shown } from './parameters/data-type.ts';

/**
 * Rejects unknown settings, because ignoring them would be dangerous: a misspelt time limit would mean no limit, and a
 * database given in the wrong place would mean another database.
 *
 * @param what whose settings they are, as the subject of the error message: `The pool`
 * @throws TypeError that names the unknown settings
 */
export function assertKnown(what: string, given: object, known: readonly string[], remedy = ''): void {
  const unknown = Object.entries(given).filter(
    ([name, value]) => value !== undefined && !known.includes(name),
  );
  if (unknown.length === 0) return;
  const names = unknown.map(([name]) => `"${name}"`).join(', ');
  throw new TypeError(`${what} does not take ${names}, only ${known.join(', ')}.${remedy && ` ${remedy}`}`);
}

/**
 * The same for tedious' options, which are too many to list in the error message.
 *
 * @throws TypeError that names the first one that tedious does not have
 */
export function assertOptions(given: object, known: readonly string[]): void {
  const entry = Object.entries(given).find(([name, value]) => value !== undefined && !known.includes(name));
  if (!entry) return;
  const meant = known.find((name) => name.toLowerCase() === entry[0].toLowerCase());
  throw new TypeError(
    `tedious has no option "${entry[0]}"${meant ? `; it is called "${meant}"` : ': see https://tediousjs.github.io/tedious/api-connection.html'}.`,
  );
}

/** @throws TypeError unless it is an object */
export function assertObject(what: string, given: unknown): void {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return;
  const shape = Array.isArray(given) ? 'a list' : shown(given);
  throw new TypeError(`${what} must be an object, not ${shape}.`);
}

/** Checks what the signal can do rather than its class, so that polyfills pass. @throws TypeError unless it is a signal */
export function assertSignal(signal: unknown): void {
  if (signal === undefined || signal === null) return;
  const { addEventListener, removeEventListener, aborted } = signal as Partial<AbortSignal>;
  const listens = typeof addEventListener === 'function' && typeof removeEventListener === 'function';
  if (listens && typeof aborted === 'boolean') return;
  throw new TypeError(
    `"signal" must be an AbortSignal, such as AbortSignal.timeout(5000), not ${shown(signal)}.`,
  );
}
