/**
 * The users of the two containers, as their images set them. They share a group, the web service's: the folder and the
 * published files belong to it, so the web service can read what the sidecar writes and nothing else of the sidecar's.
 */
export const webUser = { uid: 1002, gid: 1002 };
export const sidecarUser = { uid: 1001, gid: 1002 };
