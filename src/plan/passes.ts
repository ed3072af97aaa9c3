/** Passes of rows through actor and critic, layer by layer: how the layered plan uses the kinds of layers. */
import { type Epilogue, type LayerPass, outputCopies, type PlacedLayer } from '../model/layer'
import { backwardOf, forwardOf } from '../model/layerkernels'
import type { Layer } from '../model/layers'
import { storageOf } from '../model/networkshape'
import { type BufferName, headsLayout } from './buffers'
import type { Planned, PlannedDispatch } from './dispatches'
import { recordLayout } from './transition'

export type Networks = 'both' | 'actor' | 'critic'

/** One pass of rows through actor and critic, or one of them alone. Offsets and strides in floats. */
export interface Pass {
  rows: number
  gate: number
  networks: Networks
  inputs: BufferName
  /** Where the critic's first row begins. */
  input: number
  inputAgentStride: number
  inputRowStride: number
  outputs: 'heads' | 'final_values'
  /** Where the values go if `outputs` does not have the layout of heads. */
  own?: { output: number; agentStride: number; rowStride: number }
}

/** Indices of the networks whose layer `l` is of one kind and reads and writes the same buffers. */
interface Group {
  kind: Layer['kind']
  members: number[]
  /** Whether the layer is their head; else it is a hidden layer. They differ where depths differ. */
  isHead: boolean
}

/** The layers of actor and critic; with a shared trunk of both as one network, and of the critic alone. */
const networksOf = ({ layout }: Planned): Layer[][] => [layout.networks[0], layout.critic]

/** 0 to the last layer of the deeper network. */
const depths = (run: Planned): number[] => {
  const [actor, critic] = networksOf(run)
  return (actor.length < critic.length ? critic : actor).map((_, l) => l)
}

function groupsAt(run: Planned, pass: Pass, l: number): Group[] {
  const networks = networksOf(run)
  const used = pass.networks === 'both' ? run.layout.networks.map((_, n) => n) : [pass.networks === 'actor' ? 0 : 1]
  const groups: Group[] = []
  for (const n of used.filter((n) => l < networks[n].length)) {
    const { kind } = networks[n][l]
    const isHead = l === networks[n].length - 1
    const group = groups.find((other) => other.kind === kind && other.isHead === isHead)
    if (group) group.members.push(n)
    else groups.push({ kind, members: [n], isHead })
  }
  return groups.sort((a, b) => Number(b.isHead) - Number(a.isHead)) // heads first
}

/** The layers of a pass, first to last. */
export const forward = (run: Planned, pass: Pass): PlannedDispatch[] =>
  depths(run).flatMap((l) =>
    groupsAt(run, pass, l).flatMap((group) => {
      const outputs = group.isHead ? pass.outputs : hidden(l)
      return forwardOf({ ...common(run, pass, l), outputs }, placesOf(run, pass, group, l))
    }),
  )

/** The layers of a pass, last to first: gradients of the parameters, then of the layer's inputs. */
export const backward = (run: Planned, pass: Pass): PlannedDispatch[] =>
  depths(run)
    .toReversed()
    .flatMap((l) =>
      groupsAt(run, pass, l).flatMap((group) => {
        const gradients = {
          dOutputs: group.isHead ? ('d_heads' as const) : dHidden(l),
          dInputs: l === 0 ? null : dHidden(l - 1),
        }
        return backwardOf({ ...common(run, pass, l), ...gradients }, placesOf(run, pass, group, l))
      }),
    )

const hidden = (l: number): BufferName => `hidden_${l}`
const dHidden = (l: number): BufferName => `d_hidden_${l}`

/** The arguments common to all layers at depth `l` of a pass. */
function common(
  { sizes, layout }: Planned,
  { rows, gate, inputs }: Pass,
  l: number,
): Omit<LayerPass<BufferName>, 'outputs'> {
  const { numAgents, stopStride, parameterStride, rowsPerPartial, numPartials, layerThreads: threads } = sizes
  const cuts = { numAgents, stopStride, parameterStride, rowsPerPartial, numPartials, threads }
  if (l > 0) return { rows, gate, ...cuts, inputs: hidden(l - 1), storage: 'hidden' }
  return { rows, gate, ...cuts, inputs, storage: storageOf(layout.shape) }
}

const placesOf = (run: Planned, pass: Pass, group: Group, l: number): PlacedLayer<Layer>[] =>
  group.members.map((number) => placeOf(run, pass, group, l, number))

/** The place of the rows of layer `l` of network `number`. */
function placeOf(run: Planned, pass: Pass, { isHead }: Group, l: number, number: number): PlacedLayer<Layer> {
  const { sizes, layout } = run
  const layers = networksOf(run)[number]
  const layer = layers[l]
  // Floats of one agent's outputs of a hidden layer, and their offset for all agents: actor first, then critic.
  const perAgent = (of: Layer): number => pass.rows * of.outStride * outputCopies(of)
  const isSecond = layout.networks.length === 2 && number === 1
  const region = (i: number): number =>
    isSecond && i < layout.actor.length - 1 ? sizes.numAgents * perAgent(layout.actor[i]) : 0
  const { outputStride, values, valueStride } = headsLayout(sizes, layout, pass.rows)
  const stride = number === 0 ? outputStride : valueStride
  const head = pass.own ?? { output: number === 0 ? 0 : values, agentStride: pass.rows * stride, rowStride: stride }
  // With privileged numbers the actor reads a copy of the observation, which lies in the same records.
  const record = recordLayout(layout.shape)
  const ownInput = number === 0 ? record.actorObs - record.obs : 0
  const inputActivation: Epilogue = l === 0 ? 'identity' : layers[l - 1].activation
  return {
    ...{ layer, inputActivation },
    input: l === 0 ? pass.input + ownInput : region(l - 1),
    inputAgentStride: l === 0 ? pass.inputAgentStride : perAgent(layers[l - 1]),
    inputRowStride: l === 0 ? pass.inputRowStride : layer.inStride,
    output: isHead ? head.output : region(l),
    outputAgentStride: isHead ? head.agentStride : perAgent(layer),
    outputRowStride: isHead ? head.rowStride : layer.outStride,
  }
}
