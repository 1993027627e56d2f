/** The services that have an image, in the order in which they are built. */
export const imageNames = ['sidecar', 'web'] as const;
export type ImageName = (typeof imageNames)[number];
