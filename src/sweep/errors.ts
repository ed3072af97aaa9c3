import { HIDDEN } from './shapes'

/** Not even one agent of a batch fits the machine: another one may have more room. */
export class DoesNotFit extends Error {
  override name = 'DoesNotFit'
}

const HIDDEN_ALL = new RegExp(`(${HIDDEN.source})+`, 'gu')

/** An error as one line that `readResult` takes. */
export const oneLine = (error: unknown, most = 500): string =>
  (error instanceof Error ? error.message : String(error))
    .replace(HIDDEN_ALL, ' ')
    .slice(0, most)
    .replace(HIDDEN_ALL, ' ') || 'no reason given'
