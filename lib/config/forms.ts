/** Parts of regular expressions that several fields are made of. */

/** One of the four numbers of an IPv4 address. */
export const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';

/** What EC2 and Route 53 number their things with: eight digits in former times, seventeen since, nothing between. */
export const resourceNumber = '([0-9a-f]{8}|[0-9a-f]{17})';
