import type { PpoConfig } from '../config/config'

type Change = Partial<PpoConfig>

/** Some options make sense only together; who changes one means the others. */
export function withCompanions(change: Change, config: PpoConfig): Change {
  const all: Change = { ...change }
  if (change.algorithm === 'penalty') {
    all.targetKl = config.targetKl ?? 0.01
    all.annealClipCoef = false
    all.dualClip = null
  }
  if (change.adaptiveLr || (typeof change.desiredKl === 'number' && !config.adaptiveLr)) {
    all.adaptiveLr = true
    all.annealLr = false
    all.desiredKl = change.desiredKl ?? config.desiredKl ?? 0.01
  }
  if (change.annealLr || change.adaptiveLr === false || change.desiredKl === null) {
    all.adaptiveLr = false
    all.desiredKl = null
  }
  if (change.normAdv === false) all.normAdvOver = 'minibatch'
  if (change.normAdvOver === 'batch') all.normAdv = true
  return all
}
