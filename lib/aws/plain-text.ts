import { stripVTControlCharacters } from 'node:util';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
const controls = /[\u0000-\u001f\u007f-\u009f]/g;
/** Characters that change the direction of text and can so disguise it. */
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
/**
 * Invisible characters, which make different texts look the same. Those that join letters (U+200C, U+200D) and those
 * that choose a glyph (variation selectors) are kept.
 */
const unseen =
  /\u034f|[\u00ad\u115f\u1160\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}]/gu;
/** More combining marks than any script puts on one letter; they would cover neighbouring lines. */
const piledUp = /(\p{M}{6})\p{M}+/gu;
/** Control strings and their content (a link, a title, the clipboard, a picture), in the forms of both C0 and C1. */
const controlStrings =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
  /(?:\u001b[PX\]^_]|[\u0090\u0098\u009d-\u009f])[^\u001b\u0007\u009c]*(?:\u0007|\u001b\\|\u009c)/g;

/**
 * Turns text from elsewhere into one line that is safe to print on a terminal. Removes escape sequences and C0 and C1
 * control characters; turns line breaks and tabs into spaces.
 *
 * @see https://ecma-international.org/publications-and-standards/standards/ecma-48/
 */
export function plainText(text: string): string {
  return stripped(
    text.replaceAll(controlStrings, '').replaceAll(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' '),
  ).trimEnd();
}

/** The colours that our own tools set, and the code that ends them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
const ownColours = /(\u001b\[(?:3[1-6]|39|90)m)/;

/**
 * Filters all output to a terminal: keeps text, line breaks, tabs and our tools' own colours. Text from elsewhere has
 * been cleaned before; this is the last safeguard.
 *
 * @param colours whether to keep the colours; a file gets none
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

/** Escapes the control and direction characters that JSON allows unescaped, such as those of C1. */
export function printableJson(document: string): string {
  return document.replaceAll(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });
}
