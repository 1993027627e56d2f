import { stripVTControlCharacters } from 'node:util';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these very characters are to go
const controls = /[\u0000-\u001f\u007f-\u009f]/g;
/** Characters that turn the direction of what follows, and so hide what is written. */
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/**
 * Invisible characters, which make different texts look the same. Those that join letters (U+200C, U+200D) and choose their
 * looks (variation selectors) stay.
 */
const unseen =
  /\u034f|[\u00ad\u115f\u1160\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}]/gu;
/** Marks beyond what any script puts on one letter: they cover the lines above and below. */
const piledUp = /(\p{M}{6})\p{M}+/gu;
/** Control strings with what they hold: a link, a title, the clipboard, a picture. Both forms, of C0 and of C1. */
const controlStrings =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these very characters are to go
  /(?:\u001b[PX\]^_]|[\u0090\u0098\u009d-\u009f])[^\u001b\u0007\u009c]*(?:\u0007|\u001b\\|\u009c)/g;

/**
 * Text of somebody else as one line that a terminal can only show: escape sequences and control characters of C0 and C1
 * are taken out, line breaks and tabs become blanks.
 *
 * @see https://ecma-international.org/publications-and-standards/standards/ecma-48/
 */
export function plainText(text: string): string {
  return stripped(
    text.replaceAll(controlStrings, '').replaceAll(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' '),
  ).trimEnd();
}

/** The colours that the tools themselves set, and their end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const ownColours = /(\u001b\[(?:3[1-6]|39|90)m)/;

/**
 * Lines as they may go to a terminal: nothing but text, line breaks, tabs and the tools' own colours. What comes from
 * elsewhere is plain already; this is the door that nothing passes.
 *
 * @param colours whether there are any; a file has none
 */
export function printable(lines: string, colours: boolean): string {
  return lines
    .split(ownColours)
    .map((part, index) => {
      if (index % 2 === 1) return colours ? part : '';
      return part
        .split(/(\t|\r?\n)/)
        .map((piece) => (/^(\t|\r?\n)$/.test(piece) ? piece.replace('\r', '') : stripped(piece)))
        .join('');
    })
    .join('');
}

function stripped(text: string): string {
  return stripVTControlCharacters(text.replaceAll(controlStrings, ''))
    .replaceAll(controls, '')
    .replaceAll(directions, '')
    .replaceAll(unseen, '')
    .replaceAll(piledUp, '$1')
    .toWellFormed();
}

/** A JSON document with all control characters escaped, those of C1 too, which JSON leaves as they are. */
export function printableJson(document: string): string {
  return document.replaceAll(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}
