/**
 * Formats a duration in its one or two largest units, rounded down.
 *
 * @example
 * formatDuration(34_890); // '9 h 41 min'
 * @param seconds whole, not negative
 */
export function formatDuration(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (days > 0) return join([days, 'd'], [hours, 'h']);
  if (hours > 0) return join([hours, 'h'], [minutes, 'min']);
  if (minutes > 0) return join([minutes, 'min'], [seconds % 60, 's']);
  return `${seconds} s`;
}

/** Formats a moment as `24 Nov 2026, 18:05 UTC`. */
export function formatMoment(moment: Date): string {
  return `${momentFormat.format(moment)} UTC`;
}

const momentFormat = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

function join(...parts: [number, string][]): string {
  return parts
    .filter(([value], index) => index === 0 || value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}
