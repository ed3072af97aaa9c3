/**
 * jax-js, used as its README says: pure functions under `jit`, `valueAndGrad`, ownership by `.ref`, asynchronous
 * readback. Adam is written out as in its package optax, which is not on npm.
 */
import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  nn,
  numpy as np,
  type Array as Tensor,
  tree,
  valueAndGrad,
} from '@jax-js/jax'
import type { NamedTensor } from '../../../src/model/network'
import { servePage } from './main'
import type { Minibatch, OpenRival, RivalHyper } from './rival'
import { transposed } from './torch'

interface Layer {
  /** [in][out] */
  w: Tensor
  b: Tensor
}
interface Params {
  actor: Layer[]
  critic: Layer[]
}
type Data = Record<'obs' | 'oneHot' | 'logprobs' | 'values' | 'advantages' | 'returns', Tensor>

function mlp(layers: Layer[], obs: Tensor): Tensor {
  let x = obs
  layers.forEach(({ w, b }, l) => {
    x = np.dot(l > 0 ? np.tanh(x) : x, w).add(b)
  })
  return x
}

/** CleanRL's loss: clipped objective, clipped value loss, entropy bonus. */
function ppoLoss(params: Params, data: Data, hyper: RivalHyper): Tensor {
  const { clipCoef, vfClipCoef, entCoef, vfCoef } = hyper
  const { oneHot, logprobs, values, advantages, returns } = data
  const logits = mlp(params.actor, data.obs.ref)
  const newValues = mlp(params.critic, data.obs).reshape([values.shape[0]])

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
function makeUpdate(hyper: RivalHyper) {
  const { adamBeta1, adamBeta2, adamEps, maxGradNorm } = hyper
  return jit((params: Params, m: Params, v: Params, data: Data, rates: Tensor) => {
    const loss = (p: Params, d: Data): Tensor => ppoLoss(p, d, hyper)
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

const evaluate = jit((params: Params, obs: Tensor) =>
  np.concatenate([mlp(params.actor, obs.ref), mlp(params.critic, obs)], 1),
)

const matrix = (data: Float32Array, rows: number): Tensor => np.array(data).reshape([rows, data.length / rows])

function toParams(tensors: NamedTensor[]): Params {
  const params: Params = { actor: [], critic: [] }
  for (const { name, shape, data } of tensors) {
    const [network, l, kind] = name.split('.') as ['actor' | 'critic', string, 'weight' | 'bias']
    params[network][Number(l)] ??= { w: null, b: null }
    if (kind === 'bias') params[network][Number(l)].b = np.array(Float32Array.from(data))
    else params[network][Number(l)].w = matrix(transposed(data, shape[0], shape[1]), shape[1])
  }
  return params
}

async function fromParams(params: Params, like: NamedTensor[]): Promise<NamedTensor[]> {
  const read = async ({ name, shape }: NamedTensor): Promise<NamedTensor> => {
    const [network, l, kind] = name.split('.') as ['actor' | 'critic', string, 'weight' | 'bias']
    const layer = params[network][Number(l)]
    const data = await (kind === 'bias' ? layer.b : layer.w).ref.data()
    return { name, shape, data: shape.length === 2 ? transposed(data, shape[1], shape[0]) : data }
  }
  return Promise.all(like.map(read))
}

const open: OpenRival = async (backend, tensors, hyper) => {
  if (!(await init(backend)).includes(backend)) throw new Error(`jax-js: its device ${backend} does not start here`)
  defaultDevice(backend)
  const update = makeUpdate(hyper)
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
    evaluate: (obs, rows) => evaluate(tree.ref(params), matrix(obs, rows)).data(),
    upload: ({ rows, obs, oneHot, logprobs, values, advantages, returns }: Minibatch): Data => ({
      obs: matrix(obs, rows),
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
