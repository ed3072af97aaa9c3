import type { Fingerprint } from './types'

/** Whether both give the same bits. */
export const isSameFingerprint = (a: Fingerprint, b: Fingerprint): boolean =>
  a.adapter === b.adapter && a.browser === b.browser && a.version === b.version
