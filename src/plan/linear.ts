/** Passes of rows through actor and critic, layer by layer: what the layered plan asks of the three matmul kernels. */

import { hiddenCopies, type Layer } from '../model/network'
import { type BufferName, headsLayout } from './buffers'
import { dispatch, type Planned, type PlannedDispatch } from './dispatches'

/** As shaders/lib/activation.wgsl numbers them. */
export const ACTIVATIONS = { identity: 0, tanh: 1, relu: 2, silu: 3 }

export type Networks = 'both' | 'critic'

/** One pass of rows through actor and critic, or the critic alone. Offsets and strides in floats. */
export interface Pass {
  rows: number
  gate: number
  networks: Networks
  inputs: BufferName
  input: number
  inputAgentStride: number
  inputRowStride: number
  outputs: 'heads' | 'final_values'
  /** Where the values go when `outputs` is not laid out as heads are. */
  own?: { output: number; agentStride: number; rowStride: number }
}

/** Networks, by their numbers, whose layer `l` reads and writes the same buffers: one dispatch takes them together. */
interface Group {
  first: number
  count: number
  /** The layer is their head; a hidden layer otherwise. Where depths differ, these part. */
  isHead: boolean
}

/** Actor and critic, as they are numbered in `LinearArgs`; with a shared trunk both as one, and the way to the values alone. */
const networksOf = ({ layout }: Planned): Layer[][] => [layout.networks[0], layout.critic]

const depth = (run: Planned): number => Math.max(...networksOf(run).map((layers) => layers.length))

function groupsAt(run: Planned, pass: Pass, l: number): Group[] {
  const networks = networksOf(run)
  const used = pass.networks === 'both' ? run.layout.networks.map((_, n) => n) : [1]
  return [true, false].flatMap((isHead) => {
    const members = used.filter((n) => l < networks[n].length && (l === networks[n].length - 1) === isHead)
    return members.length > 0 ? [{ first: members[0], count: members.length, isHead }] : []
  })
}

/** The layers of a pass, first to last. */
export function forward(run: Planned, pass: Pass): PlannedDispatch[] {
  const list: PlannedDispatch[] = []
  for (let l = 0; l < depth(run); l++) {
    for (const group of groupsAt(run, pass, l)) {
      const bind = { inputs: l === 0 ? pass.inputs : hidden(l - 1), outputs: group.isHead ? pass.outputs : hidden(l) }
      const args = linearArgs(run, pass, group, l, 'outWidth', group.isHead ? 'identity' : run.config.activation)
      const flops = linearFlops(args, run)
      list.push(dispatch('linear_forward', args, tiles(args, 'outWidth', run), { bind, flops }))
    }
  }
  return list
}

/** The layers of a pass, last to first: gradients of the weights, then of the layer's inputs. */
export function backward(run: Planned, pass: Pass): PlannedDispatch[] {
  const list: PlannedDispatch[] = []
  for (let l = depth(run) - 1; l >= 0; l--) {
    for (const group of groupsAt(run, pass, l)) {
      const inputs = l === 0 ? pass.inputs : hidden(l - 1)
      const dOutputs = group.isHead ? 'd_heads' : dHidden(l)
      const args = linearArgs(run, pass, group, l, 'inWidth', run.config.activation)
      const flops = linearFlops(args, run)
      const used = usedNetworks(args)
      const numTiles = Math.max(...used.map((n) => Math.ceil(n.inWidth / 8) * Math.ceil(n.outWidth / 8)))
      const weightGroups: [number, number, number] = [
        Math.ceil(numTiles / run.sizes.linearThreads),
        args.numPartials,
        run.sizes.numAgents * args.numNetworks,
      ]
      list.push(
        dispatch('linear_backward_weight', args, weightGroups, { bind: { inputs, d_outputs: dOutputs }, flops }),
      )
      if (l === 0) continue
      const bind = { inputs, d_outputs: dOutputs, d_inputs: dHidden(l - 1) } as const
      list.push(dispatch('linear_backward_input', args, tiles(args, 'inWidth', run), { bind, flops }))
    }
  }
  return list
}

const hidden = (l: number): BufferName => `hidden_${l}`
const dHidden = (l: number): BufferName => `d_hidden_${l}`

/** `LinearArgs` of shaders/lib/linear.wgsl for layer `l` of a group; `tiled` is the width that the threads tile. */
function linearArgs(
  run: Planned,
  pass: Pass,
  group: Group,
  l: number,
  tiled: 'inWidth' | 'outWidth',
  activation: keyof typeof ACTIVATIONS,
) {
  const { sizes, layout } = run
  const { numAgents } = sizes
  const network = (number: number) => {
    const layers = networksOf(run)[number]
    const layer = layers[l]
    // Floats of one agent's outputs of hidden layer i, and where those of all agents begin: actor first, then critic.
    const perAgent = (of: Layer[], i: number): number =>
      pass.rows * of[i].outStride * hiddenCopies(layout.shape.activation)
    const isSecond = layout.networks.length === 2 && number === 1
    const region = (i: number): number =>
      isSecond && i < layout.actor.length - 1 ? numAgents * perAgent(layout.actor, i) : 0
    const { outputStride, values, valueStride } = headsLayout(sizes, layout, pass.rows)
    const stride = number === 0 ? outputStride : valueStride
    const head = pass.own ?? { output: number === 0 ? 0 : values, agentStride: pass.rows * stride, rowStride: stride }
    const width = tiled === 'inWidth' ? layer.inStride : layer.outStride
    return {
      inWidth: layer.inStride,
      outWidth: layer.outStride,
      weight: layer.weight,
      bias: layer.bias,
      input: l === 0 ? pass.input : region(l - 1),
      inputAgentStride: l === 0 ? pass.inputAgentStride : perAgent(layers, l - 1),
      inputRowStride: l === 0 ? pass.inputRowStride : layer.inStride,
      output: group.isHead ? head.output : region(l),
      outputAgentStride: group.isHead ? head.agentStride : perAgent(layers, l),
      outputRowStride: group.isHead ? head.rowStride : layer.outStride,
      tileColumns: tileColumns(Math.ceil(width / 8), Math.ceil(pass.rows / 8), sizes.linearThreads),
      activation: ACTIVATIONS[activation],
    }
  }
  const isMember = (number: number): boolean => number >= group.first && number < group.first + group.count
  return {
    rows: pass.rows,
    gate: pass.gate,
    stopStride: sizes.stopStride,
    parameterStride: sizes.parameterStride,
    numNetworks: group.count,
    firstNetwork: group.first,
    rowsPerPartial: sizes.rowsPerPartial,
    numPartials: sizes.numPartials,
    // The place of a network outside of the group is not read.
    networks: [0, 1].map((number) => network(isMember(number) ? number : group.first)),
  }
}

type LinearArgs = ReturnType<typeof linearArgs>

const usedNetworks = ({ networks, firstNetwork, numNetworks }: LinearArgs) =>
  networks.slice(firstNetwork, firstNetwork + numNetworks)

/** How the tiles of a workgroup lie: a power of two of columns, more where there are few rows. */
function tileColumns(columns: number, rowTiles: number, threads: number): number {
  const wanted = Math.min(columns, Math.max(8, threads / rowTiles), threads)
  return 2 ** Math.floor(Math.log2(wanted))
}

/** Workgroups of a matmul whose threads tile rows x `tiled`. */
function tiles(args: LinearArgs, tiled: 'inWidth' | 'outWidth', run: Planned): [number, number, number] {
  const used = usedNetworks(args)
  const x = Math.max(...used.map((n) => Math.ceil(n[tiled] / 8 / n.tileColumns)))
  const y = Math.max(
    ...used.map((n) => Math.ceil(Math.ceil(args.rows / 8) / (run.sizes.linearThreads / n.tileColumns))),
  )
  return [x, y, run.sizes.numAgents * args.numNetworks]
}

const linearFlops = (args: LinearArgs, run: Planned): number =>
  usedNetworks(args).reduce((sum, n) => sum + 2 * args.rows * n.inWidth * n.outWidth * run.sizes.numAgents, 0)
