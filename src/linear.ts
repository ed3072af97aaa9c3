/** Passes of rows through actor and critic, layer by layer: what the layered plan asks of the three matmul kernels. */
import type { BufferName } from './buffers'
import type { Dispatch } from './gpu/dispatch'
import { hiddenCopies, type Layer } from './network'
import { dispatch, type Run } from './run'

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
  output?: number
  outputAgentStride?: number
}

/** The layers of a pass, first to last. */
export function forward(run: Run, pass: Pass): Dispatch[] {
  const depth = run.layout.actor.length
  return Array.from({ length: depth }, (_, l) => {
    const bind = { inputs: l === 0 ? pass.inputs : hidden(l - 1), outputs: l === depth - 1 ? pass.outputs : hidden(l) }
    const args = linearArgs(run, pass, l, 'outWidth', l === depth - 1 ? 'identity' : run.config.activation)
    return dispatch(run, 'linear_forward', args, tiles(args, 'outWidth', run), { bind, flops: linearFlops(args, run) })
  })
}

/** The layers of a pass, last to first: gradients of the weights, then of the layer's inputs. */
export function backward(run: Run, pass: Pass): Dispatch[] {
  const list: Dispatch[] = []
  for (let l = run.layout.actor.length - 1; l >= 0; l--) {
    const inputs = l === 0 ? pass.inputs : hidden(l - 1)
    const dOutputs = l === run.layout.actor.length - 1 ? 'd_heads' : dHidden(l)
    const args = linearArgs(run, pass, l, 'inWidth', run.config.activation)
    const flops = linearFlops(args, run)
    const numTiles = Math.max(...args.networks.map((n) => Math.ceil(n.inWidth / 8) * Math.ceil(n.outWidth / 8)))
    const weightGroups: [number, number, number] = [
      Math.ceil(numTiles / run.sizes.linearThreads),
      args.numPartials,
      run.sizes.numAgents * args.numNetworks,
    ]
    list.push(
      dispatch(run, 'linear_backward_weight', args, weightGroups, { bind: { inputs, d_outputs: dOutputs }, flops }),
    )
    if (l > 0) {
      const bind = { inputs, d_outputs: dOutputs, d_inputs: dHidden(l - 1) } as const
      list.push(dispatch(run, 'linear_backward_input', args, tiles(args, 'inWidth', run), { bind, flops }))
    }
  }
  return list
}

const hidden = (l: number): BufferName => `hidden_${l}`
const dHidden = (l: number): BufferName => `d_hidden_${l}`

/** `LinearArgs` of shaders/lib/linear.wgsl for layer `l`; `tiled` is the width that the threads tile. */
function linearArgs(
  run: Run,
  pass: Pass,
  l: number,
  tiled: 'inWidth' | 'outWidth',
  activation: keyof typeof ACTIVATIONS,
) {
  const { sizes, layout } = run
  const { numAgents } = sizes
  const network = (layers: Layer[], isCritic: boolean) => {
    const layer = layers[l]
    const last = l === layers.length - 1
    // Floats of one agent's outputs of layer i: see `hiddenCopies`.
    const perAgent = (of: Layer[], i: number): number =>
      pass.rows * of[i].outStride * (i === of.length - 1 ? 1 : hiddenCopies(layout.shape.activation))
    // Actor first, then critic, in every buffer of activations.
    const region = (i: number): number => (isCritic ? numAgents * perAgent(layout.actor, i) : 0)
    const own = last && pass.output !== undefined
    const width = tiled === 'inWidth' ? layer.inStride : layer.outStride
    return {
      inWidth: layer.inStride,
      outWidth: layer.outStride,
      weight: layer.weight,
      bias: layer.bias,
      input: l === 0 ? pass.input : region(l - 1),
      inputAgentStride: l === 0 ? pass.inputAgentStride : perAgent(layers, l - 1),
      inputRowStride: l === 0 ? pass.inputRowStride : layer.inStride,
      output: own ? pass.output! : region(l),
      outputAgentStride: own ? pass.outputAgentStride! : perAgent(layers, l),
      outputRowStride: layer.outStride,
      tileColumns: tileColumns(Math.ceil(width / 8), Math.ceil(pass.rows / 8), sizes.linearThreads),
      activation: ACTIVATIONS[activation],
    }
  }
  return {
    rows: pass.rows,
    gate: pass.gate,
    stopStride: sizes.stopStride,
    parameterStride: sizes.parameterStride,
    numNetworks: pass.networks === 'both' ? 2 : 1,
    firstNetwork: pass.networks === 'both' ? 0 : 1,
    rowsPerPartial: sizes.rowsPerPartial,
    numPartials: sizes.numPartials,
    networks: [network(layout.actor, false), network(layout.critic, true)],
  }
}

type LinearArgs = ReturnType<typeof linearArgs>

/** How the tiles of a workgroup lie: a power of two of columns, more where there are few rows. */
function tileColumns(columns: number, rowTiles: number, threads: number): number {
  const wanted = Math.min(columns, Math.max(8, threads / rowTiles), threads)
  return 2 ** Math.floor(Math.log2(wanted))
}

/** Workgroups of a matmul whose threads tile rows x `tiled`. */
function tiles(args: LinearArgs, tiled: 'inWidth' | 'outWidth', run: Run): [number, number, number] {
  const used = args.networks.slice(args.firstNetwork)
  const x = Math.max(...used.map((n) => Math.ceil(n[tiled] / 8 / n.tileColumns)))
  const y = Math.max(
    ...used.map((n) => Math.ceil(Math.ceil(args.rows / 8) / (run.sizes.linearThreads / n.tileColumns))),
  )
  return [x, y, run.sizes.numAgents * args.numNetworks]
}

const linearFlops = (args: LinearArgs, run: Run): number =>
  args.networks
    .slice(args.firstNetwork)
    .reduce((sum, n) => sum + 2 * args.rows * n.inWidth * n.outWidth * run.sizes.numAgents, 0)
