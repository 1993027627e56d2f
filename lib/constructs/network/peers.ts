import { type IPeer, Peer } from 'aws-cdk-lib/aws-ec2';

/** A range, or a list of ranges by its id, as the configuration has it. */
export function peerOf(rangeOrList: string): IPeer {
  return rangeOrList.startsWith('pl-') ? Peer.prefixList(rangeOrList) : Peer.ipv4(rangeOrList);
}
