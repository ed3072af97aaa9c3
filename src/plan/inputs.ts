/** How kernels of layers read observations: what stands in place of shaders/lib/network/inputs.wgsl. */
import type { GridSpace } from '../env/contract'
import type { Slot } from '../gpu/link'
import { SHADERS } from '../gpu/shaders'
import { observedChannels, storageRead } from '../model/layerkernels'
import { layoutNetwork, type NetworkShape } from '../model/network'

const INPUTS: Record<GridSpace['storage'], string> = {
  f32: 'shaders/lib/network/inputs_f32.wgsl',
  bits: 'shaders/lib/network/inputs_bits.wgsl',
  bytes: 'shaders/lib/network/inputs_bytes.wgsl',
}

/** The slots of kernel `stem`: none if it reads rows of a hidden layer. */
export function inputSlots(stem: string, shape: NetworkShape): Record<string, Slot> {
  const storage = storageRead(stem)
  return storage ? inputSlotsFor(storage, observedChannels(layoutNetwork(shape).networks[0][0])) : {}
}

/** The same for pixels of `channels` numbers. */
export const inputSlotsFor = (storage: GridSpace['storage'], channels: number): Record<string, Slot> => ({
  'shaders/lib/network/inputs.wgsl': { file: INPUTS[storage], source: SHADERS.get(INPUTS[storage])! },
  channels: { file: 'channels of an observation', source: `const CHANNELS = ${channels}u;` },
})
