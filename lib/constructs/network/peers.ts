import { type IPeer, Peer } from 'aws-cdk-lib/aws-ec2';

/** The peer for a range of addresses, or for the id of a prefix list. */
export function peerOf(rangeOrList: string): IPeer {
  return rangeOrList.startsWith('pl-') ? Peer.prefixList(rangeOrList) : Peer.ipv4(rangeOrList);
}
