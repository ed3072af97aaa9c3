/**
 * TensorFlow.js, used as its guides say: `tf.tidy` around every computation, the library's own Adam, the fused
 * multiply-add of its dense layers, no synchronous readback.
 */
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-webgl'
import '@tensorflow/tfjs-backend-webgpu'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import type { NamedTensor } from '../../../src/model/network'
import { type Branches, branchesOf, type RivalLayer } from './branches'
import { servePage } from './main'
import { inverse, permuted, shapeOf } from './permuted'
import type { Minibatch, OpenRival, RivalHyper } from './rival'

interface Data {
  obs: Tensor
  oneHot: Tensor
  logprobs: Tensor
  values: Tensor
  minusAdvantages: Tensor
  returns: Tensor
}

/** `actor.0.weight` -> a variable [in][out], of a convolution [y][x][in][out]. */
type Weights = Map<string, Variable>

/** Torch's axes in this library's order, by the number of axes. */
const AXES: Record<number, number[]> = { 1: [0], 2: [1, 0], 4: [2, 3, 1, 0] }

const ACTIVATE: Record<string, (x: Tensor) => Tensor> = { tanh: tf.tanh, relu: tf.relu, identity: (x: Tensor) => x }

/** `data`: x are observations, of which no gradient is needed; that of a fused convolution would be computed. */
function applyLayer(weights: Weights, layer: RivalLayer, x: Tensor, isFirst: boolean): Tensor {
  const [filter, bias] = ['weight', 'bias'].map((kind) => weights.get(`${layer.name}.${kind}`))
  if (layer.kind === 'conv') {
    const { stride: strides, padding: pad } = layer
    return isFirst
      ? tf.add(tf.conv2d(x, filter, strides, pad), bias)
      : tf.fused.conv2d({ x, filter, strides, pad, bias })
  }
  const a = x.shape.length > 2 ? tf.reshape(x, [x.shape[0], layer.inDim]) : x
  return tf.fused.matMul({ a, b: filter, bias })
}

function apply(weights: Weights, layers: RivalLayer[], input: Tensor, isObservation: boolean): Tensor {
  return layers.reduce(
    (x, layer, i) => ACTIVATE[layer.activation](applyLayer(weights, layer, x, isObservation && i === 0)),
    input,
  )
}

/** Logits and values, [rows][actionDim] and [rows][1]. */
function evaluate(weights: Weights, { trunk, actor, critic }: Branches, obs: Tensor): [Tensor, Tensor] {
  const common = apply(weights, trunk, obs, true)
  const isObservation = trunk.length === 0
  return [apply(weights, actor, common, isObservation), apply(weights, critic, common, isObservation)]
}

/** CleanRL's loss: clipped objective, clipped value loss, entropy bonus. */
function ppoLoss(weights: Weights, branches: Branches, data: Data, hyper: RivalHyper): Scalar {
  const { clipCoef, vfClipCoef, entCoef, vfCoef } = hyper
  const [logits, columns] = evaluate(weights, branches, data.obs)
  const newValues = tf.squeeze(columns, [1])

  const logp = tf.logSoftmax(logits)
  const newLogprobs = tf.sum(tf.mul(logp, data.oneHot), 1)
  const entropy = tf.neg(tf.mean(tf.sum(tf.mul(tf.exp(logp), logp), 1)))

  const ratio = tf.exp(tf.sub(newLogprobs, data.logprobs))
  const clipped = tf.clipByValue(ratio, 1 - clipCoef, 1 + clipCoef)
  const pgLoss = tf.mean(tf.maximum(tf.mul(data.minusAdvantages, ratio), tf.mul(data.minusAdvantages, clipped)))

  const move = tf.clipByValue(tf.sub(newValues, data.values), -vfClipCoef, vfClipCoef)
  const error = tf.square(tf.sub(newValues, data.returns))
  const clippedError = tf.square(tf.sub(tf.add(data.values, move), data.returns))
  const vLoss = tf.mul(tf.mean(tf.maximum(error, clippedError)), 0.5)

  return tf.add(tf.sub(pgLoss, tf.mul(entropy, entCoef)), tf.mul(vLoss, vfCoef))
}

/** WebGPU's portable limit is 8 storage buffers in a kernel, one of them the result: `addN` of more is not valid there. */
function total(terms: Tensor[]): Tensor {
  if (terms.length <= 7) return tf.addN(terms)
  return total([tf.addN(terms.slice(0, 7)), ...terms.slice(7)])
}

const open: OpenRival = async (backend, layout, params, hyper) => {
  setWasmPaths('/')
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs: its backend ${backend} does not start here`)
  await tf.ready()
  const branches = branchesOf(layout)
  const observations = (obs: Float32Array, rows: number): Tensor => tf.tensor(obs, [rows, ...branches.inputShape])
  const weights: Weights = new Map()
  for (const { name, shape, data } of params) {
    const axes = AXES[shape.length]
    weights.set(name, tf.variable(tf.tensor(permuted(data, shape, axes), shapeOf(shape, axes)), true, name))
  }
  const variables = [...weights.values()]
  const adam = tf.train.adam(hyper.learningRate, hyper.adamBeta1, hyper.adamBeta2, hyper.adamEps)
  let last: [Scalar, Scalar] | undefined

  const step = (data: Data): void => {
    tf.dispose(last)
    last = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => ppoLoss(weights, branches, data, hyper), variables)
      const norm = tf.sqrt(total(Object.values(grads).map((g) => tf.sum(tf.square(g)))))
      const scale = tf.minimum(1, tf.div(hyper.maxGradNorm, tf.add(norm, 1e-6)))
      adam.applyGradients(Object.fromEntries(Object.entries(grads).map(([name, g]) => [name, tf.mul(g, scale)])))
      return [value, norm]
    })
  }

  const tensors = async (of: (name: string) => Tensor): Promise<NamedTensor[]> => {
    const read = async ({ name, shape }: NamedTensor): Promise<NamedTensor> => {
      const axes = AXES[shape.length]
      return { name, shape, data: permuted(await of(name).data(), shapeOf(shape, axes), inverse(axes)) }
    }
    return Promise.all(params.map(read))
  }

  return {
    async evaluate(obs, rows) {
      const out = tf.tidy(() => tf.concat(evaluate(weights, branches, observations(obs, rows)), 1))
      const values = await out.data()
      out.dispose()
      return values
    },
    upload: (m: Minibatch): Data => ({
      obs: observations(m.obs, m.rows),
      oneHot: tf.tensor2d(m.oneHot, [m.rows, m.oneHot.length / m.rows]),
      logprobs: tf.tensor1d(m.logprobs),
      values: tf.tensor1d(m.values),
      minusAdvantages: tf.tensor1d(m.advantages.map((a) => -a)),
      returns: tf.tensor1d(m.returns),
    }),
    release: (data) => tf.dispose(data),
    step: step as (data: unknown) => void,
    async settle() {
      const [[loss], [gradNorm]] = await Promise.all(last!.map((scalar) => scalar.data()))
      // The scalars do not depend on Adam's last operations: only reading a weight shows that the queue is empty.
      await Promise.all(variables.slice(-1).map((variable) => variable.data()))
      return { loss, gradNorm }
    },
    async state() {
      // [{ name: 'iter' }, first moments, second moments], in the order of the gradients.
      const saved = new Map<string, Tensor>()
      for (const { name, tensor } of await adam.getWeights()) saved.set(name, tensor)
      return {
        params: await tensors((name) => weights.get(name)),
        m: await tensors((name) => saved.get(`${name}/m`)),
        v: await tensors((name) => saved.get(`${name}/v`)),
      }
    },
  }
}

servePage(open)
