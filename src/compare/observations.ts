/** Observations of a run as its critic sees them: from the records, or unpacked from the words of packed ones. */
import { entryOf, seen, wordsOfRow } from '../env/grid'
import { readBuffer } from '../gpu/readback'
import { criticDim } from '../model/networkshape'
import { recordLayout } from '../plan/transition'
import type { Run } from '../run/run'

/** Rows of floats or words in a buffer. */
interface Rows {
  stride: number
  at: number
}

/** Of the rollout, [numSteps + 1][numEnvs][inStride]; of ended episodes, [numSteps][numEnvs]; and of a minibatch's rows. */
export async function observationsOf(run: Run, of: 'rollout' | 'ends' | 'minibatch'): Promise<Float32Array> {
  const { obsStride, stride, obs } = recordLayout(run.layout.shape)
  const packed = wordsOfRow(run.layout.shape.observation) > 0
  const buffers = {
    rollout: packed ? run.buffers.observations : run.buffers.transitions,
    ends: packed ? run.buffers.final_observations : run.buffers.final_obs,
    minibatch: packed ? run.buffers.minibatch_observations : run.buffers.minibatch,
  }
  const data = await readBuffer(run.gpu.device, buffers[of])
  if (packed) return unpacked(run, new Uint32Array(data))
  return floats(run, new Float32Array(data), of === 'ends' ? { stride: obsStride, at: 0 } : { stride, at: obs })
}

function floats({ layout }: Run, data: Float32Array, { stride, at }: Rows): Float32Array {
  const width = criticDim(layout.shape)
  const { inStride } = layout.critic[0]
  const rows = new Float32Array((data.length / stride) * inStride)
  for (let row = 0; row < data.length / stride; row++) {
    rows.set(data.subarray(row * stride + at, row * stride + at + width), row * inStride)
  }
  return rows
}

function unpacked({ layout }: Run, data: Uint32Array): Float32Array {
  const { obsDim, observation } = layout.shape
  const { inStride } = layout.actor[0]
  const words = wordsOfRow(observation)
  const rows = new Float32Array((data.length / words) * inStride)
  for (let row = 0; row < data.length / words; row++) {
    for (let k = 0; k < obsDim; k++) {
      rows[row * inStride + k] = seen(observation!.storage, entryOf(observation!.storage, data, row * words, k))
    }
  }
  return rows
}
