/**
 * jax-js, used as its README says: pure functions under `jit`, `valueAndGrad`, ownership by `.ref`, asynchronous
 * readback. Adam is written out as in its package optax, which is not on npm.
 */
import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  type Array as Tensor,
  tree,
  valueAndGrad,
} from '@jax-js/jax'
import type { NamedTensor } from '../../../src/model/network'
import { type Branches, branchesOf, type RivalLayer } from './branches'
import { servePage } from './main'
import { inverse, permuted, shapeOf } from './permuted'
import type { Minibatch, OpenRival, RivalHyper } from './rival'

interface Weights {
  /** [in][out], of a convolution [out][in][y][x] */
  weight: Tensor
  /** [out] */
  bias: Tensor
}
/** By the name of the layer. */
type Params = Record<string, Weights>
type Data = Record<'obs' | 'oneHot' | 'logprobs' | 'values' | 'advantages' | 'returns', Tensor>

/** Torch's axes in this library's order, by the number of axes. */
const AXES: Record<number, number[]> = { 1: [0], 2: [1, 0], 4: [0, 1, 2, 3] }

const ACTIVATE: Record<string, (x: Tensor) => Tensor> = { tanh: np.tanh, relu: nn.relu, identity: (x: Tensor) => x }

/** Uses up x, not the weights. Maps are [rows][channels][height][width]. */
function applyLayer(layer: RivalLayer, { weight, bias }: Weights, x: Tensor): Tensor {
  if (layer.kind === 'conv') {
    const { stride, padding, outDim, outShape } = layer
    const sides = [padding, padding]
    const y = lax.convGeneralDilated(x, weight.ref, [stride, stride], [sides, sides])
    return y.add(bias.ref.reshape([outDim / outShape[0] / outShape[1], 1, 1]))
  }
  const rows = x.ndim > 2 ? np.transpose(x, [0, 2, 3, 1]).reshape([-1, layer.inDim]) : x
  return np.dot(rows, weight.ref).add(bias.ref)
}

const apply = (layers: RivalLayer[], params: Params, input: Tensor): Tensor =>
  layers.reduce((x, layer) => ACTIVATE[layer.activation](applyLayer(layer, params[layer.name], x)), input)

/** Logits and values, [rows][actionDim] and [rows][1]. Uses up `obs`. */
function evaluateHeads({ trunk, actor, critic }: Branches, params: Params, obs: Tensor): [Tensor, Tensor] {
  const common = apply(trunk, params, obs)
  return [apply(actor, params, common.ref), apply(critic, params, common)]
}

/** CleanRL's loss: clipped objective, clipped value loss, entropy bonus. */
function ppoLoss(branches: Branches, params: Params, data: Data, hyper: RivalHyper): Tensor {
  const { clipCoef, vfClipCoef, entCoef, vfCoef } = hyper
  const { oneHot, logprobs, values, advantages, returns } = data
  const [logits, columns] = evaluateHeads(branches, params, data.obs)
  const newValues = columns.reshape([values.shape[0]])

  const logp = nn.logSoftmax(logits)
  const newLogprobs = logp.ref.mul(oneHot).sum(1)
  const entropy = np.exp(logp.ref).mul(logp).sum(1).mean().neg()

  const ratio = np.exp(newLogprobs.sub(logprobs))
  const minusAdvantages = advantages.neg()
  const clipped = np.clip(ratio.ref, 1 - clipCoef, 1 + clipCoef)
  const pgLoss = np.maximum(minusAdvantages.ref.mul(ratio), minusAdvantages.mul(clipped)).mean()

  const move = np.clip(newValues.ref.sub(values.ref), -vfClipCoef, vfClipCoef)
  const error = np.square(newValues.sub(returns.ref))
  const clippedError = np.square(values.add(move).sub(returns))
  const vLoss = np.maximum(error, clippedError).mean().mul(0.5)

  return pgLoss.sub(entropy.mul(entCoef)).add(vLoss.mul(vfCoef))
}

/** The whole optimiser step as one compiled function. `rates` is [learningRate / (1 - beta1^t), 1 / (1 - beta2^t)]. */
function makeUpdate(branches: Branches, hyper: RivalHyper) {
  const { adamBeta1, adamBeta2, adamEps, maxGradNorm } = hyper
  return jit((params: Params, m: Params, v: Params, data: Data, rates: Tensor) => {
    const loss = (p: Params, d: Data): Tensor => ppoLoss(branches, p, d, hyper)
    const [value, gradient] = valueAndGrad(loss)(tree.ref(params), data)
    const squares = tree.leaves(gradient).map((g: Tensor) => np.square(g.ref).sum())
    const norm = np.sqrt(squares.reduce((a: Tensor, b: Tensor) => a.add(b)))
    const scale = np.minimum(1, np.reciprocal(norm.ref.add(1e-6)).mul(maxGradNorm))
    const clipped = tree.map((g: Tensor) => g.mul(scale.ref), gradient)
    scale.dispose()
    const newM = tree.map(
      (old: Tensor, g: Tensor) => old.mul(adamBeta1).add(g.mul(1 - adamBeta1)),
      m,
      tree.ref(clipped),
    )
    const newV = tree.map(
      (old: Tensor, g: Tensor) => old.mul(adamBeta2).add(np.square(g).mul(1 - adamBeta2)),
      v,
      clipped,
    )
    const [rate1, rate2] = [rates.ref.slice(0), rates.slice(1)]
    const newParams = tree.map(
      (p: Tensor, first: Tensor, second: Tensor) =>
        p.sub(first.ref.mul(rate1.ref).div(np.sqrt(second.ref.mul(rate2.ref)).add(adamEps))),
      params,
      newM,
      newV,
    )
    rate1.dispose()
    rate2.dispose()
    return [newParams, newM, newV, value, norm]
  })
}

const makeEvaluate = (branches: Branches) =>
  jit((params: Params, obs: Tensor) => np.concatenate(evaluateHeads(branches, params, obs), 1))

const matrix = (data: Float32Array, rows: number): Tensor => np.array(data).reshape([rows, data.length / rows])

/** [rows][height][width][channels] as [rows][channels][height][width]; vectors as they are. */
function observations(obs: Float32Array, rows: number, inputShape: readonly number[]): Tensor {
  if (inputShape.length === 1) return matrix(obs, rows)
  const [shape, axes] = [
    [rows, ...inputShape],
    [0, 3, 1, 2],
  ]
  return np.array(permuted(obs, shape, axes)).reshape(shapeOf(shape, axes))
}

/** `trunk.0.weight` -> ['trunk.0', 'weight'] */
function placeOf(name: string): [layer: string, kind: keyof Weights] {
  const dot = name.lastIndexOf('.')
  return [name.slice(0, dot), name.slice(dot + 1) as keyof Weights]
}

function toParams(tensors: NamedTensor[]): Params {
  const params: Params = {}
  for (const { name, shape, data } of tensors) {
    const [layer, kind] = placeOf(name)
    params[layer] ??= { weight: null, bias: null }
    const axes = AXES[shape.length]
    params[layer][kind] = np.array(permuted(data, shape, axes)).reshape(shapeOf(shape, axes))
  }
  return params
}

async function fromParams(params: Params, like: NamedTensor[]): Promise<NamedTensor[]> {
  const read = async ({ name, shape }: NamedTensor): Promise<NamedTensor> => {
    const [layer, kind] = placeOf(name)
    const axes = AXES[shape.length]
    const data = await params[layer][kind].ref.data()
    return { name, shape, data: permuted(data, shapeOf(shape, axes), inverse(axes)) }
  }
  return Promise.all(like.map(read))
}

const open: OpenRival = async (backend, layout, tensors, hyper) => {
  if (!(await init(backend)).includes(backend)) throw new Error(`jax-js: its device ${backend} does not start here`)
  defaultDevice(backend)
  const branches = branchesOf(layout)
  const update = makeUpdate(branches, hyper)
  const evaluate = makeEvaluate(branches)
  const zeros = (): Params => tree.map((p: Tensor) => np.zeros(p.shape), params)
  let params = toParams(tensors)
  let m = zeros()
  let v = zeros()
  let loss: Tensor | undefined
  let norm: Tensor | undefined
  let t = 0

  const step = async (data: Data): Promise<void> => {
    t++
    const corrections = [hyper.learningRate / (1 - hyper.adamBeta1 ** t), 1 / (1 - hyper.adamBeta2 ** t)]
    loss?.dispose()
    norm?.dispose()
    ;[params, m, v, loss, norm] = update(params, m, v, tree.ref(data), np.array(Float32Array.from(corrections)))
    // "It's recommended to call this regularly in an iterative computation": here and in its own demo, every step.
    await blockUntilReady(norm)
  }

  return {
    evaluate: (obs, rows) => evaluate(tree.ref(params), observations(obs, rows, branches.inputShape)).data(),
    upload: ({ rows, obs, oneHot, logprobs, values, advantages, returns }: Minibatch): Data => ({
      obs: observations(obs, rows, branches.inputShape),
      oneHot: matrix(oneHot, rows),
      logprobs: np.array(logprobs),
      values: np.array(values),
      advantages: np.array(advantages),
      returns: np.array(returns),
    }),
    release: (data) => tree.dispose(data),
    step: step as (data: unknown) => Promise<void>,
    async settle() {
      await blockUntilReady([params, m, v])
      const [[lossNow], [normNow]] = await Promise.all([loss!.ref.data(), norm!.ref.data()])
      return { loss: lossNow, gradNorm: normNow }
    },
    state: async () => ({
      params: await fromParams(params, tensors),
      m: await fromParams(m, tensors),
      v: await fromParams(v, tensors),
    }),
  }
}

servePage(open)
