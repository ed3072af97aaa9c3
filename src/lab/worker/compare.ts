/**
 * A Worker for one comparison: an iteration on the GPU, stage by stage, against the CPU reference; and the CPU's speed.
 */
import { compareStages } from '../../compare/stages'
import { takeApart } from '../../compare/takeapart'
import { derivedSizes } from '../../config/config'
import { requestGpu } from '../../gpu/device'
import { createReferencePpo } from '../../reference/ppo'
import type { CompareAnswer, RunChoice } from '../protocol'
import { specWithTwin } from './spec'

/** Iterations before the compared one, so that weights and moments are not the initial ones. */
const WARMUP = 1
/** How long the CPU is timed; at least one iteration. */
const CPU_MS = 1500

export const compare = (choice: RunChoice): Promise<CompareAnswer> =>
  compared(choice).catch((error) => ({ failed: error instanceof Error ? error.message : String(error) }))

async function compared(choice: RunChoice): Promise<CompareAnswer> {
  const spec = await specWithTwin(choice)
  if (!spec.twin) return { failed: `${spec.id} has no CPU twin to compare with.` }
  const config = { ...choice.config, numAgents: 1, sweep: {}, stopWhenSolved: false }
  const dump = await takeApart(await requestGpu(), spec, config, WARMUP)
  const stages = compareStages(spec, config, dump)
  const reference = createReferencePpo(spec, config)
  reference.iterate()
  const { batchSize } = derivedSizes(config)
  const start = performance.now()
  let steps = 0
  do {
    reference.iterate()
    steps += batchSize
  } while (performance.now() - start < CPU_MS && !reference.done)
  return { stages, cpuSps: (steps / (performance.now() - start)) * 1000 }
}
