/** Parts of regular expressions that several fields share. */

/** One of the four numbers of an IPv4 address. */
export const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';

/** The number in an id of EC2 or Route 53: eight digits in older ids, seventeen in newer ones. */
export const resourceNumber = '([0-9a-f]{8}|[0-9a-f]{17})';
