/** How the one dispatch of a fused rollout is cut where it would take too long. */
import { dispatch, type Planned, type PlannedDispatch } from './dispatches'
import type { Stem } from './kernels'

export interface RolloutWork {
  stem: Stem
  args: Record<string, unknown>
  /** Environments of a tile, and tiles of a workgroup. */
  envTile: number
  together: number
  /** Every step is a dispatch, and the value of the last observation another one. */
  stepsAlone?: boolean
  /** Operations of one row in each network, the one that acts first. */
  networks: number[]
}

/** The tiles or partials of a dispatch, of `most`: whole workgroups, and at least one. */
export const wholeGroups = (most: number, together: number): number =>
  together * Math.max(1, Math.floor(most / together))

/**
 * One dispatch, or several: by ranges of environments, and by steps inside a range that is still too long; all the steps of
 * one range first.
 */
export function cutRollout(run: Planned, work: RolloutWork): PlannedDispatch[] {
  const { stem, args, envTile, together, stepsAlone = false, networks } = work
  const maxFlops = run.flopsPerDispatch
  const { numAgents, numEnvs, numSteps } = run.sizes
  const tiles = Math.ceil(numEnvs / envTile)
  const perTileStep = envTile * networks[0] * numAgents
  // With a shared trunk the steps also compute the values, except the last.
  const perTileValues = envTile * (networks.length === 1 ? networks[0] : (numSteps + 1) * networks[1]) * numAgents
  const perTile = perTileStep * numSteps + perTileValues
  const turns = numSteps + 1
  const tilesAtOnce = Math.min(tiles, wholeGroups((stepsAlone ? turns * maxFlops : maxFlops) / perTile, together))
  const perStep = tilesAtOnce * perTileStep
  const stepsAtOnce =
    tilesAtOnce > together ? numSteps : Math.min(numSteps, Math.max(1, Math.floor(maxFlops / perStep)))
  const list: PlannedDispatch[] = []
  for (let firstTile = 0; firstTile < tiles; firstTile += tilesAtOnce) {
    const count = Math.min(tilesAtOnce, tiles - firstTile)
    const add = (firstStep: number, endStep: number, flops: number): void => {
      const range = { ...args, firstStep, endStep, firstTile }
      list.push(dispatch(stem, range, [Math.ceil(count / together), numAgents, 1], { flops: count * flops }))
    }
    if (stepsAlone) {
      for (let step = 0; step < turns; step++) add(step, Math.min(step + 1, numSteps), perTile / turns)
      continue
    }
    for (let firstStep = 0; firstStep < numSteps; firstStep += stepsAtOnce) {
      const endStep = Math.min(firstStep + stepsAtOnce, numSteps)
      add(firstStep, endStep, perTileStep * (endStep - firstStep) + (endStep === numSteps ? perTileValues : 0))
    }
  }
  return list
}
