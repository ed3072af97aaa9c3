/** From named tensors of another program to a network here. All of them store a weight as [out][in]. */
import { type EnvSpec, hasMask, obsDim } from '../../src/env/contract'
import type { Tensor } from '../../src/files/safetensors'
import { distributionFor } from '../../src/model/distributions/table'
import { layoutNetwork, type NetworkShape, packParams } from '../../src/model/network'
import type { Activation } from '../../src/options/options'
import { floatsOf, type Linear, layersIn, type Tensors } from './layers'
import { refuse } from './refuse'

/** How a program names the tensors of a policy. Lists hold `.0.weight`, `.0.bias`, and so on. */
interface Names {
  program: string
  trunk: string | null
  actor: string
  critic: string
  /** Output layers; null where they are the last of the lists. */
  heads: { actor: string; critic: string } | null
  logStd: string
}

const NAMES: Names[] = [
  {
    program: 'Stable-Baselines3',
    ...{ trunk: 'mlp_extractor.shared_net', actor: 'mlp_extractor.policy_net', critic: 'mlp_extractor.value_net' },
    ...{ heads: { actor: 'action_net', critic: 'value_net' }, logStd: 'log_std' },
  },
  { program: 'CleanRL', trunk: null, actor: 'actor_mean', critic: 'critic', heads: null, logStd: 'actor_logstd' },
  { program: 'ppo-webgpu', trunk: 'trunk', actor: 'actor', critic: 'critic', heads: null, logStd: 'log_std' },
]

export interface ImportedNetwork {
  shape: NetworkShape
  params: Float32Array
  /** Numbers that are trained, of both networks. */
  numParams: number
  /** Whose names the tensors have. */
  program: string
  /** Layers that both networks had in common, and that are copied into each: there are others behind them. */
  copied: number
}

/**
 * @param tensors All that are in the file, without statistics.
 * @throws UsageError for a tensor that does not belong to a perceptron, or does not fit `spec`.
 */
export function importNetwork(
  tensors: ReadonlyMap<string, Tensor>,
  where: string,
  spec: EnvSpec,
  activation: Activation,
): ImportedNetwork {
  const names = NAMES.find(({ actor, heads }) => tensors.has(heads ? `${heads.actor}.weight` : `${actor}.0.weight`))
  if (!names) return unknownNames(tensors, where)
  const left: Tensors = new Map(tensors)
  const trunk = names.trunk === null ? [] : layersIn(left, names.trunk, where)
  const [actor, critic] = (['actor', 'critic'] as const).map((part) => {
    const hidden = layersIn(left, names[part], where)
    const head = names.heads ? layersIn(left, names.heads[part], where, '') : hidden.splice(-1)
    if (head.length === 0)
      refuse(where, `there are no weights of the ${part}, such as ${(names.heads ?? names)[part]}.weight`, ALL)
    return { hidden, head: head[0] }
  })
  const { actionSpace } = spec
  const wanted = distributionFor(actionSpace)
  const logStd = wanted.dist === 'gaussian' ? takeLogStd(left, names.logStd, wanted.actionDim, where, spec) : null
  const [other] = left.keys()
  if (other !== undefined)
    refuse(`${where}: ${name(other)}`, `[${left.get(other)!.shape}] has no place in a perceptron for ${spec.id}`, ONLY)
  const isShared = trunk.length > 0 && actor.hidden.length + critic.hidden.length === 0
  const copied = isShared ? 0 : trunk.length
  const own = {
    actor: isShared ? [] : [...trunk, ...actor.hidden],
    critic: isShared ? [] : [...trunk, ...critic.hidden],
  }
  checkChain([...(isShared ? trunk : own.actor), actor.head], obsDim(spec), wanted.actionDim, where, spec)
  checkChain([...(isShared ? trunk : own.critic), critic.head], obsDim(spec), 1, where, spec)
  const widths = (layers: Linear[]) => layers.map(({ outDim }) => outDim)
  const shape: NetworkShape = {
    obsDim: obsDim(spec),
    actorHidden: widths(isShared ? trunk : own.actor),
    criticHidden: widths(isShared ? trunk : own.critic),
    activation,
    ...wanted,
    ...(hasMask(spec) ? { masked: true } : {}),
    ...(isShared ? { sharedTrunk: true } : {}),
  }
  const weights = new Map<string, ArrayLike<number>>(logStd ? [['log_std', logStd]] : [])
  const put = (list: string, layers: Linear[]): void => {
    for (const [i, { weight, bias }] of layers.entries()) {
      weights.set(`${list}.${i}.weight`, weight)
      weights.set(`${list}.${i}.bias`, bias)
    }
  }
  if (isShared) put('trunk', trunk)
  put('actor', [...own.actor, actor.head])
  put('critic', [...own.critic, critic.head])
  const layout = layoutNetwork(shape)
  return {
    shape,
    params: packParams(layout, weights, new Float32Array(layout.paramStride)),
    numParams: layout.numParams,
    program: programOf(names, tensors),
    copied,
  }
}

/** CleanRL's names for discrete actions are those of this project, with the activations counted too. */
const programOf = ({ program }: Names, tensors: ReadonlyMap<string, Tensor>): string =>
  program === 'ppo-webgpu' && tensors.has('critic.2.weight') && !tensors.has('critic.1.weight') ? 'CleanRL' : program

const ALL = 'Save the whole policy, actor and critic'
const ONLY = 'Only dense layers with their biases are imported, of an actor and a critic'
const name = (text: string): string => JSON.stringify(text.slice(0, 100))

function unknownNames(tensors: ReadonlyMap<string, Tensor>, where: string): never {
  const found = [...tensors.keys()].slice(0, 3).map(name).join(', ')
  return refuse(
    where,
    `has no tensor action_net.weight, actor.0.weight or actor_mean.0.weight, but ${found || 'none'}`,
    'Rename its tensors: docs/import.md has the names',
  )
}

/** One number for each action; CleanRL has them as a row. */
function takeLogStd(left: Tensors, key: string, count: number, where: string, spec: EnvSpec): ArrayLike<number> {
  const found = left.get(key)
  if (!found) return refuse(where, `has no ${key}, and ${spec.id} takes actions of a Gaussian`, ALL)
  const { shape } = found
  const data = floatsOf(found, `${where}: ${key}`)
  if (shape.length > 1 && shape[0] !== 1) {
    refuse(`${where}: ${key}`, `[${shape}] depends on the state (gSDE)`, 'Train it with use_sde=False')
  }
  if (data.length !== count) {
    refuse(`${where}: ${key}`, `[${shape}], but ${spec.id} takes ${count} actions`, 'Name its environment: --env ID')
  }
  left.delete(key)
  return data
}

/** Each layer takes what the one before gives. */
function checkChain(layers: Linear[], inputs: number, outputs: number, where: string, { id }: EnvSpec): void {
  let before = inputs
  let from = `the observation of ${id}`
  for (const { key, inDim, outDim } of layers) {
    if (inDim !== before) {
      refuse(
        `${where}: ${key}.weight`,
        `[${outDim}, ${inDim}] takes ${inDim} numbers, but ${from} has ${before}`,
        OTHER,
      )
    }
    before = outDim
    from = key
  }
  if (before === outputs) return
  const wanted = outputs === 1 ? 'a value is one' : `${id} takes ${outputs}`
  refuse(
    `${where}: ${from}.weight`,
    `[${before}, ${layers.at(-1)!.inDim}] gives ${before} numbers, but ${wanted}`,
    OTHER,
  )
}

const OTHER = 'Name the environment that it was trained in: --env ID'
