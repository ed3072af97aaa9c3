/** The end of an optimiser step, the same in both plans: partial gradients -> gradient, statistics, early stop -> Adam. */
import { dispatch, type Planned, type PlannedDispatch } from './dispatches'

/** Processes the `numPartials` partial gradients of update number `update`. */
export function step({ sizes, layout }: Planned, update: number, numPartials: number): PlannedDispatch[] {
  const { numAgents, minibatchSize, numUpdates, stopStride, parameterStride, step: cuts } = sizes
  const args = { parameterStride, numBlocks: cuts.numBlocks, numUpdates, stopStride, update }
  const logStd = layout.own >= 0 ? layout.own : parameterStride
  return [
    dispatch('reduce', { ...args, block: cuts.block, numPartials, minibatchSize }, [cuts.numBlocks, numAgents, 1]),
    dispatch('adam', { ...args, logStd }, [cuts.adamGroups, numAgents, 1]),
  ]
}
