import { KerberosError } from '../errors/kerberos-error.ts';

/** Relations of krb5.conf(5) by name, each with all its values in order. A value may be a subsection. */
export interface Section {
  readonly [name: string]: readonly (string | Section)[];
}

type MutableSection = Record<string, (string | Section)[]>;

/** The target of an `include` or `includedir`. */
export interface Include {
  readonly kind: 'file' | 'directory';
  readonly path: string;
}

/** Sections marked final with a star: later files add nothing to them. */
const ended = new WeakSet<Section>();

export function emptySection(): Section {
  return Object.create(null);
}

/**
 * Reads the text of one krb5.conf(5) file into `root`, line by line as MIT Kerberos does. Yields each include at its
 * position in the file: whatever the caller reads into `root` before resuming precedes the rest of this file.
 *
 * @param file for errors
 * @throws KerberosError CONFIGURATION_INVALID, with file and line
 */
export function* parseKrb5Conf(text: string, file: string, root: Section): Generator<Include, void> {
  const open: MutableSection[] = [];
  let waitsForBrace = false;
  for (const [index, written] of text.replace(/\n$/, '').split('\n').entries()) {
    const wrong = (what: string) =>
      new KerberosError(
        'CONFIGURATION_INVALID',
        `The configuration file ${file}, line ${index + 1}: ${what}.`,
      );
    // An include must start at the very beginning of a line, but may also occur inside a subsection.
    const [, directive, path = ''] = /^(include|includedir)(?:\s+(.*?))?\r*$/s.exec(written) ?? [];
    if (directive) {
      if (!path.startsWith('/')) throw wrong('the path of what is included does not begin with "/"');
      yield { kind: directive === 'include' ? 'file' : 'directory', path };
      continue;
    }
    const line = trimmed(written);
    const inside = open.at(-1);
    if (waitsForBrace) {
      if (!line.startsWith('{')) throw wrong('a brace is missing');
      waitsForBrace = false;
    } else if (!inside && !written.startsWith('[')) {
      if (/^module(\s|$)/.test(written))
        throw wrong('a module that reads the configuration is not supported');
      // Anything else before the first section is a comment.
    } else if (line === '' || /^[#;]/.test(line)) {
      // A comment or an empty line.
    } else if (line.startsWith('[')) {
      const [, name, star] = /^\[([^\]]*)\](\*?)$/.exec(line.replace(/\]\s+$/, ']')) ?? [];
      if (name === undefined) throw wrong('the name of a section does not end with "]"');
      if (open.length > 1) throw wrong('a section begins before the subsection above has ended');
      open.splice(0, open.length, subsection(root as MutableSection, name, star === '*'));
    } else if (line.startsWith('}')) {
      if (open.length === 1) throw wrong('a brace closes what was not opened');
      if (line.startsWith('}*')) ended.add(inside as MutableSection);
      open.pop();
    } else {
      const [, word, value] = /^([^ \t\v\f\r=]+)[ \t\v\f\r]*=[ \t\v\f\r]*(.*)$/s.exec(line) ?? [];
      if (word === undefined || value === undefined) throw wrong('this is not of the form "name = value"');
      // The rest of a name after a star is ignored.
      const [name = '', ...afterStar] = word.split('*');
      waitsForBrace = value === '';
      if (waitsForBrace || value === '{')
        open.push(subsection(inside as MutableSection, name, afterStar.length > 0));
      else valuesOf(inside as MutableSection, name).push(unquoted(value));
    }
  }
}

/**
 * Merges the contents of two files. Values of the first file come first; if a section of the first is final, the second
 * adds nothing.
 */
export function mergeSections(first: Section, second: Section): Section {
  if (ended.has(first)) return first;
  const merged: MutableSection = Object.create(null);
  for (const [name, values] of Object.entries(first)) merged[name] = [...values];
  for (const [name, values] of Object.entries(second)) {
    for (const value of values) {
      const all = valuesOf(merged, name);
      const known = typeof value === 'string' ? undefined : all.find((one) => typeof one === 'object');
      if (known) all.splice(all.indexOf(known), 1, mergeSections(known, value as Section));
      else all.push(value);
    }
  }
  return merged;
}

function valuesOf(section: MutableSection, name: string): (string | Section)[] {
  section[name] ??= [];
  return section[name];
}

/** Returns the subsection of this name. Repeated headers with one name continue the same section. */
function subsection(parent: MutableSection, name: string, final: boolean): MutableSection {
  const values = valuesOf(parent, name);
  let section = values.find((value) => typeof value === 'object') as MutableSection | undefined;
  if (!section) {
    section = Object.create(null) as MutableSection;
    values.push(section);
  }
  if (final) ended.add(section);
  return section;
}

/** Trims whitespace as C defines it, so a no-break space is part of a value. */
function trimmed(text: string): string {
  const blank = (at: number) => ' \t\v\f\r'.includes(text.charAt(at));
  let [start, end] = [0, text.length];
  while (start < end && blank(start)) start += 1;
  while (start < end && blank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** Unescapes a quoted value. It ends at the closing quote; the rest of the line is ignored. */
function unquoted(value: string): string {
  const [, inner] = /^"((?:[^"\\]|\\.)*)/.exec(value) ?? [];
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b' };
  return inner === undefined ? value : inner.replace(/\\(.)/g, (_, letter) => escapes[letter] ?? letter);
}
