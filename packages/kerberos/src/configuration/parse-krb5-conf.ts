import { KerberosError } from '../errors/kerberos-error.ts';

/** Relations of krb5.conf(5) by name, each with all its values in order; a subsection is one of them. */
export interface Section {
  readonly [name: string]: readonly (string | Section)[];
}

type MutableSection = Record<string, (string | Section)[]>;

export interface ParsedConf {
  readonly sections: Section;
  /** What `include` and `includedir` name, in order. */
  readonly includes: readonly { readonly kind: 'file' | 'directory'; readonly path: string }[];
}

/**
 * Reads the text of one krb5.conf(5) file.
 *
 * @param file for errors
 * @throws KerberosError CONFIGURATION_INVALID, with file and line
 */
export function parseKrb5Conf(text: string, file: string): ParsedConf {
  const sections: MutableSection = Object.create(null);
  const includes: { kind: 'file' | 'directory'; path: string }[] = [];
  const open: MutableSection[] = [];
  let waitsForBrace: MutableSection | undefined;

  text.split(/\r?\n/).forEach((written, index) => {
    const line = written.trim();
    const wrong = (what: string) =>
      new KerberosError(
        'CONFIGURATION_INVALID',
        `The configuration file ${file}, line ${index + 1}: ${what}.`,
      );
    if (line === '' || /^[#;]/.test(line)) return;

    if (waitsForBrace) {
      if (line !== '{') throw wrong('a brace is missing');
      open.push(waitsForBrace);
      waitsForBrace = undefined;
      return;
    }
    const [, directive, path] = /^(include|includedir)\s+(\/.*)$/.exec(line) ?? [];
    if (open.length <= 1 && directive && path) {
      includes.push({ kind: directive === 'include' ? 'file' : 'directory', path });
      return;
    }
    if (line.startsWith('[')) {
      const [, name] = /^\[([^\]]+)\]\*?$/.exec(line) ?? [];
      if (!name) throw wrong('the name of a section does not end with "]"');
      if (open.length > 1) throw wrong('a section begins before the subsection above has ended');
      open.splice(0, open.length, subsection(sections, name, true));
      return;
    }
    const inside = open.at(-1);
    // MIT Kerberos takes whatever stands before the first section for a comment.
    if (!inside) return;
    if (/^\}\*?$/.test(line)) {
      if (open.length === 1) throw wrong('a brace closes what was not opened');
      open.pop();
      return;
    }
    // A star says that no other file adds to it; what comes first holds anyway.
    const [, name, value] = /^([^\s=]+?)\*?\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw wrong('this is not of the form "name = value"');
    if (value === '{') open.push(subsection(inside, name));
    else if (value === '') waitsForBrace = subsection(inside, name);
    else add(inside, name, unquoted(value));
  });
  if (open.length > 1 || waitsForBrace) {
    throw new KerberosError(
      'CONFIGURATION_INVALID',
      `The configuration file ${file}: the last subsection does not end with a brace.`,
    );
  }
  return { sections, includes };
}

/** Joins what several files say; what comes first is looked at first. */
export function mergeSections(first: Section, second: Section): Section {
  const merged: MutableSection = Object.create(null);
  for (const section of [first, second]) {
    for (const [name, values] of Object.entries(section)) {
      for (const value of values) add(merged, name, value);
    }
  }
  return merged;
}

function subsection(parent: MutableSection, name: string, shared = false): MutableSection {
  const known = shared ? parent[name]?.find((value) => typeof value === 'object') : undefined;
  if (known) return known as MutableSection;
  const made: MutableSection = Object.create(null);
  add(parent, name, made);
  return made;
}

function add(section: MutableSection, name: string, value: string | Section): void {
  section[name] ??= [];
  section[name].push(value);
}

/** A value in quotes may hold the usual escapes; it ends with its quote, whatever follows. */
function unquoted(value: string): string {
  const [, inner] = /^"((?:[^"\\]|\\.)*)/.exec(value) ?? [];
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', b: '\b' };
  return inner === undefined ? value : inner.replace(/\\(.)/g, (_, letter) => escapes[letter] ?? letter);
}
