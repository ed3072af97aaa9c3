/**
 * TensorFlow.js, used as its guides say: `tf.tidy` around every computation, the library's own Adam, the fused
 * multiply-add of its dense layers, no synchronous readback.
 */
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/register_all_gradients'
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-webgpu'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import type { NamedTensor } from '../../../src/model/network'
import { servePage } from './main'
import type { Minibatch, OpenRival, RivalHyper } from './rival'
import { transposed } from './torch'

interface Data {
  obs: Tensor
  oneHot: Tensor
  logprobs: Tensor
  values: Tensor
  minusAdvantages: Tensor
  returns: Tensor
}

/** `actor.0.weight` -> a variable [in][out]. */
type Weights = Map<string, Variable>

function mlp(weights: Weights, name: 'actor' | 'critic', obs: Tensor): Tensor {
  let x = obs
  for (let l = 0; weights.has(`${name}.${l}.weight`); l++) {
    if (l > 0) x = tf.tanh(x)
    x = tf.fused.matMul({ a: x, b: weights.get(`${name}.${l}.weight`), bias: weights.get(`${name}.${l}.bias`) })
  }
  return x
}

/** CleanRL's loss: clipped objective, clipped value loss, entropy bonus. */
function ppoLoss(weights: Weights, data: Data, hyper: RivalHyper): Scalar {
  const { clipCoef, vfClipCoef, entCoef, vfCoef } = hyper
  const logits = mlp(weights, 'actor', data.obs)
  const newValues = tf.squeeze(mlp(weights, 'critic', data.obs), [1])

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

const open: OpenRival = async (backend, params, hyper) => {
  setWasmPaths('/')
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs: its backend ${backend} does not start here`)
  await tf.ready()
  const weights: Weights = new Map()
  for (const { name, shape, data } of params) {
    const values = shape.length === 2 ? transposed(data, shape[0], shape[1]) : Float32Array.from(data)
    weights.set(name, tf.variable(tf.tensor(values, [...shape].reverse()), true, name))
  }
  const variables = [...weights.values()]
  const adam = tf.train.adam(hyper.learningRate, hyper.adamBeta1, hyper.adamBeta2, hyper.adamEps)
  let last: [Scalar, Scalar] | undefined

  const step = (data: Data): void => {
    tf.dispose(last)
    last = tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => ppoLoss(weights, data, hyper), variables)
      const norm = tf.sqrt(total(Object.values(grads).map((g) => tf.sum(tf.square(g)))))
      const scale = tf.minimum(1, tf.div(hyper.maxGradNorm, tf.add(norm, 1e-6)))
      adam.applyGradients(Object.fromEntries(Object.entries(grads).map(([name, g]) => [name, tf.mul(g, scale)])))
      return [value, norm]
    })
  }

  const tensors = async (of: (name: string) => Tensor): Promise<NamedTensor[]> => {
    const read = async ({ name, shape }: NamedTensor): Promise<NamedTensor> => {
      const data = await of(name).data()
      return { name, shape, data: shape.length === 2 ? transposed(data, shape[1], shape[0]) : data }
    }
    return Promise.all(params.map(read))
  }

  return {
    async evaluate(obs, rows) {
      const out = tf.tidy(() => {
        const x = tf.tensor2d(obs, [rows, obs.length / rows])
        return tf.concat([mlp(weights, 'actor', x), mlp(weights, 'critic', x)], 1)
      })
      const values = await out.data()
      out.dispose()
      return values
    },
    upload: (m: Minibatch): Data => ({
      obs: tf.tensor2d(m.obs, [m.rows, m.obs.length / m.rows]),
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
