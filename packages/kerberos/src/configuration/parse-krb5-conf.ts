import { KerberosError } from '../errors/kerberos-error.ts';

/** Relations of krb5.conf(5) by name, each with all its values in order; a subsection is one of them. */
export interface Section {
  readonly [name: string]: readonly (string | Section)[];
}

type MutableSection = Record<string, (string | Section)[]>;

/** What `include` or `includedir` names. */
export interface Include {
  readonly kind: 'file' | 'directory';
  readonly path: string;
}

/** Sections that a star has ended: files that are named later add nothing to them. */
const ended = new WeakSet<Section>();

export function emptySection(): Section {
  return Object.create(null);
}

/**
 * Reads the text of one krb5.conf(5) file into `root`, line by line as MIT Kerberos does. It yields what the file
 * includes at the place where it does so: what is read into `root` meanwhile comes before the rest of this file.
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
    // It counts at the very start of a line alone, but there between the lines of a subsection, too.
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
      // What else stands before the first section is a comment.
    } else if (line === '' || /^[#;]/.test(line)) {
      // So is this.
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
      // What follows a star does not count.
      const [name = '', ...afterStar] = word.split('*');
      waitsForBrace = value === '';
      if (waitsForBrace || value === '{')
        open.push(subsection(inside as MutableSection, name, afterStar.length > 0));
      else valuesOf(inside as MutableSection, name).push(unquoted(value));
    }
  }
}

/** Joins what two files say: what comes first is looked at first, and is all where it ends with a star. */
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

/** The subsection of this name: one name is one section, wherever in the file it goes on. */
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

/** Blanks as C has them: a no-break space is part of a value. */
function trimmed(text: string): string {
  const blank = (at: number) => ' \t\v\f\r'.includes(text.charAt(at));
  let [start, end] = [0, text.length];
  while (start < end && blank(start)) start += 1;
  while (start < end && blank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** A value in quotes may hold the usual escapes; it ends with its quote, whatever follows. */
function unquoted(value: string): string {
  const [, inner] = /^"((?:[^"\\]|\\.)*)/.exec(value) ?? [];
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b' };
  return inner === undefined ? value : inner.replace(/\\(.)/g, (_, letter) => escapes[letter] ?? letter);
}
