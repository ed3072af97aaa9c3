/**
 * Dumps of runs with packed observations, as if they were floats of the records: what is repeated of the policy and the
 * update then needs to know nothing of words.
 */
import { isPacked } from '../../src/env/contract'
import { entryOf, seen, wordsOfRow } from '../../src/env/grid'
import { layoutNetwork, type NetworkShape } from '../../src/model/network'
import { type RecordLayout, recordLayout } from '../../src/plan/transition'
import type { Dump } from './dumpfile'

/** The same network on floats. */
const asFloats = (shape: NetworkShape): NetworkShape => ({
  ...shape,
  observation: { ...shape.observation!, storage: 'f32' },
})

/** Which words belong to which records. */
const WORDS: Record<string, string> = { records: 'observations', minibatch: 'minibatch_observations' }

/** `dump` with the entries of its words in the records, and in `final_obs`. */
export function unpacked(dump: Dump): Dump {
  const { shape } = dump.layout
  if (!isPacked(shape)) return dump
  const layout = layoutNetwork(asFloats(shape))
  const record = recordLayout(layout.shape)
  const floats = (name: string): Float32Array => {
    if (name === 'final_obs') return withObs(dump, new Float32Array(0), 'final_observations', record, null)
    return WORDS[name] ? withObs(dump, dump.floats(name), WORDS[name], record, dump.record) : dump.floats(name)
  }
  return { ...dump, layout, record, floats }
}

/** `records` of the layout `from`, or nothing, with the observations of `words` before them. */
function withObs(
  { layout, words }: Dump,
  records: Float32Array,
  name: string,
  to: RecordLayout,
  from: RecordLayout | null,
): Float32Array {
  const { obsDim, observation } = layout.shape
  const { storage } = observation!
  const perRow = wordsOfRow(observation)
  const packed = words(name)
  const rows = packed.length / perRow
  const stride = from ? to.stride : to.obsStride
  const all = new Float32Array(rows * stride)
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < obsDim; k++) all[row * stride + k] = seen(storage, entryOf(storage, packed, row * perRow, k))
    // The observation is the first field; the others follow it in the same order.
    if (from) all.set(records.subarray(row * from.stride, (row + 1) * from.stride), row * stride + to.oldOut)
  }
  return all
}
