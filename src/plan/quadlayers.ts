/**
 * The layers of the networks as numbers that the text of the quad kernels is made of: widths, and where each thing is in
 * the private memory of a lane. shaders/lib/network/quad_layers.wgsl explains them.
 */
import { largest } from '../extremes'
import type { Slot } from '../gpu/link'
import type { Layer } from '../model/layers'
import type { NetworkLayout } from '../model/network'
import type { Activation } from '../options/options'
import { constants, type Numbers } from '../wgsl/numbers'
import { readTokens } from '../wgsl/tokens'

/** What the text of a quad kernel follows from. */
export interface QuadLayers {
  /** For each network of the text: the width of its inputs and of every layer's outputs, in quads, groups of 4 columns. */
  networks: number[][]
  activation: Activation
}

/** The layers that the text of each kernel is made for. */
export interface QuadShape {
  gradient: QuadLayers
  rollout: QuadLayers
  /** A step of the rollout is a dispatch of its own: see LOOPS_TOGETHER. */
  stepsAlone: boolean
}

/**
 * The most loops of an environment whose steps are a loop of quad_rollout. LunarLander's text has 54, Walker2d's 17. Compilers
 * for the CPU take several times as long over loops inside one more loop.
 */
const LOOPS_TOGETHER = 32

/** Whether an environment has too many loops to put one more around them. `code`: of a kernel with the environment. */
export const isLoopy = (code: string): boolean =>
  readTokens(code).tokens.filter(({ text }) => ['for', 'while', 'loop'].includes(text)).length > LOOPS_TOGETHER

/**
 * In quad_rollout every network has its own text, with its weights in place. In quad_gradient, networks that differ only
 * in their heads share one, with the wider head.
 */
export function quadLayers({ networks, shape: { activation } }: NetworkLayout): QuadShape {
  const all = networks.map(quadsOf)
  const hidden = all.map((quads) => `${quads.slice(0, -1)}`)
  const head = largest(all.map((quads) => quads.at(-1)!))
  const alike = hidden.every((widths) => widths === hidden[0])
  const gradient = alike ? [[...all[0].slice(0, -1), head]] : all
  return { gradient: { networks: gradient, activation }, rollout: { networks: all, activation }, stepsAlone: false }
}

const quadsOf = (layers: Layer[]): number[] => [layers[0].inStride, ...layers.map((l) => l.outStride)].map((n) => n / 4)

/** vec4s of a lane, which has one column of each quad. */
const vecsOf = (quads: number): number => Math.ceil(quads / 4)

/** vec4s of a lane that all weights and biases take. */
export const weightVecs = ({ networks }: QuadLayers): number =>
  networks.reduce((start, quads) => placeWeights(quads, start).end, 0)

/** Where the weights and biases of each layer are, from `start` on. */
function placeWeights(quads: number[], start: number) {
  let end = start
  const take = (n: number): number => (end += n) - n
  const layers = quads.slice(1).map((out, l) => {
    const isHead = l === quads.length - 2
    const size = isHead ? out * 4 * vecsOf(quads[l]) : vecsOf(out) * quads[l] * 4
    return { weight: take(size), bias: take(vecsOf(out)) }
  })
  return { layers, end }
}

/** Where the inputs of each layer are in a row, and their pre-activations if `keeps`; and the gradients of the inputs. */
function placeRows(quads: number[], keeps: boolean) {
  const widths = quads.slice(0, -1).map(vecsOf)
  let size = 0
  const take = (n: number): number => (size += n) - n
  const inputs = widths.map(take)
  const kept = widths.map((n, l) => (keeps && l > 0 ? take(n) : inputs[l]))
  let gradientSize = 0
  const gradients = widths.map((n, l) => (l === 0 ? 0 : (gradientSize += n) - n))
  return { inputs, kept, size, gradients, gradientSize }
}

/** The slot `quad`. `rows`: rows of a minibatch that are computed together; 1 for a rollout, which needs no gradient. */
export function quadSlot({ networks, activation }: QuadLayers, rows: number): Record<string, Slot> {
  const keeps = activation === 'silu' && rows > 1
  let weights = 0
  const placed = networks.map((quads) => {
    // The networks of a rollout are all there; of a gradient a workgroup has one.
    const { layers, end } = placeWeights(quads, rows === 1 ? weights : 0)
    weights = Math.max(weights, end)
    return { quads, layers, ...placeRows(quads, keeps) }
  })
  type Place = (typeof placed)[number]
  const depth = largest(networks.map((quads) => quads.length))
  const perNetwork = (f: (p: Place) => number): number[] => placed.map(f)
  /** WGSL's arrays of arrays are all of one length. */
  const perLayer = (f: (p: Place) => number[]): number[][] =>
    placed.map((p) => [...f(p), ...Array(depth - f(p).length).fill(0)])
  const numbers: Record<string, Numbers> = {
    Q_NETWORKS: networks.length,
    Q_ROWS: rows,
    Q_HIDDEN: perNetwork(({ quads }) => quads.length - 2),
    Q_HEAD: perNetwork(({ quads }) => quads.at(-1)!),
    Q_HEAD_VECS: perNetwork(({ quads }) => vecsOf(quads.at(-2)!)),
    Q_QUADS: perLayer(({ quads }) => quads),
    Q_VECS: perLayer(({ quads }) => quads.map(vecsOf)),
    Q_WEIGHT: perLayer(({ layers }) => layers.map(({ weight }) => weight)),
    Q_BIAS: perLayer(({ layers }) => layers.map(({ bias }) => bias)),
    Q_INPUT: perLayer(({ inputs }) => inputs),
    Q_KEPT: perLayer(({ kept }) => kept),
    Q_GRADIENT: perLayer(({ gradients }) => gradients),
    Q_MOST_HEAD: largest(perNetwork(({ quads }) => quads.at(-1)!)),
    Q_MOST_INPUT: largest(perNetwork(({ quads }) => quads[0])),
    Q_ROW_INPUTS: largest(perNetwork(({ size }) => size)),
    Q_ROW_GRADIENTS: largest(perNetwork(({ gradientSize }) => gradientSize)),
    Q_WEIGHTS: weights,
  }
  /** Only limits name these: 1 or 0; hidden layers behind the first; columns in each vec4 of a layer's inputs. */
  const limits: Record<string, Numbers> = {
    KEEPS: Number(keeps),
    DEEP: perNetwork(({ quads }) => Math.min(quads.length - 2, 1)),
    INNER: perNetwork(({ quads }) => Math.max(quads.length - 3, 0)),
    COLUMNS: placed.map(({ quads }) =>
      quads.map((q) => Array.from({ length: vecsOf(q) }, (_, v) => Math.min(4, q - 4 * v))),
    ),
  }
  const source = `//#import "shaders/lib/network/activation.wgsl"
${constants(numbers)}
fn hidden_activate(x: vec4f) -> vec4f { return ${activation}4(x); }
fn d_hidden_activate(known: vec4f) -> vec4f { return d_${activation}4(known); }
`
  return { quad: { file: 'quad (from src/plan/quadlayers.ts)', source, numbers: { ...numbers, ...limits } } }
}
