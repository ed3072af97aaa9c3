/** An evaluation of one agent while it trains: one episode with deterministic actions in each of `evalEpisodes` environments. */
import { actionDim, type EnvSpec, obsDim } from '../env/contract'
import { evaluationSteps } from '../env/evaluation'
import type { EvaluatedEpisode } from '../metrics'
import { distributionOf } from '../model/distributions/table'
import { criticDim, type NetworkLayout } from '../model/network'
import type { NormaliserStats } from '../model/normaliser'
import { type LayerTwins, TWINS } from '../model/twins'
import type { PpoConfig } from '../options/options'
import { actMode } from './act_mode'
import { evaluationSeed } from './begin_evaluation'
import { someChoice } from './faults'
import { actorRows, makeLayerBuffers, mlpForward } from './mlp'
import type { Normaliser } from './normaliser'
import { maskEnvs, observeEnvs } from './observe_envs'
import { resetEnvs } from './reset_envs'
import { newScored, scoreEpisodes } from './score_episodes'
import { stepEnvs } from './step_envs'

/** @param stats The statistics that normalise observations; they are not changed. @param config The agent's own. */
export function evaluate<S>(
  spec: EnvSpec<S>,
  layout: NetworkLayout,
  params: Float64Array,
  stats: NormaliserStats | null,
  config: PpoConfig,
  twins: LayerTwins = TWINS,
): EvaluatedEpisode[] {
  const { actor, critic, shape } = layout
  const { evalEpisodes: n, envParams } = config
  const seed = evaluationSeed(config.seed)
  const distribution = distributionOf(shape)
  const { parts, actionStride } = distribution
  const [obsStride, outStride] = [critic[0].inStride, actor.at(-1)!.outStride]
  const frames = shape.obsDim / obsDim(spec)
  const slots = resetEnvs(spec, seed, n, false, envParams)
  const normaliser = frozen(stats, criticDim(shape), n)
  const actions = new Float64Array(n * actionStride)
  const masks = shape.masked ? new Float64Array(n * actionDim(spec)) : null
  const buffers = makeLayerBuffers(actor, n)
  const floats = (length: number) => new Float64Array(length)
  const flags = () => new Uint8Array(n)
  const results = {
    rewards: floats(n),
    finalObs: floats(n * obsStride),
    terminated: flags(),
    truncated: flags(),
    faults: flags(),
  }
  let [obs, nextObs] = [floats(n * obsStride), floats(n * obsStride)]
  observeEnvs(spec, slots, obs, 0, obsStride, normaliser, frames, true)
  const episodes = Array.from({ length: n }, newScored)
  let runs = true
  for (let step = 0; runs && step < evaluationSteps(spec); step++) {
    const out = mlpForward(actor, params, actorRows(layout, obs, n), n, buffers, twins)
    if (masks) maskEnvs(spec, slots, masks, 0)
    const head = { distribution, out, outStride, own: distribution.own ? params : null, ownOffset: layout.own, masks }
    for (let env = 0; env < n; env++) {
      if (masks && !someChoice(masks, env * shape.actionDim, parts)) slots[env].standsStill = true
      actMode(head, env, actions, env * actionStride)
    }
    const stack = frames > 1 ? { frames, before: obs } : null
    stepEnvs(
      spec,
      slots,
      seed,
      step,
      actions,
      actionStride,
      obsStride,
      { ...results, nextObs },
      normaliser,
      envParams,
      stack,
    )
    runs = scoreEpisodes(episodes, (env) => ({
      reward: results.rewards[env],
      isOver: results.terminated[env] + results.truncated[env] > 0,
      standsStill: slots[env].standsStill === true,
    }))
    ;[obs, nextObs] = [nextObs, obs]
  }
  return episodes.map(({ episodicReturn, episodicLength, ended }) => ({
    ...{ return: episodicReturn, length: episodicLength, capped: ended !== 'ended' },
  }))
}

/** The statistics of observations alone, with environments of its own. */
const frozen = (stats: NormaliserStats | null, dim: number, n: number): Normaliser | null =>
  stats?.obs
    ? {
        stats: { obs: stats.obs, returns: null },
        gamma: 0,
        seenDim: dim,
        returns: new Float64Array(n),
        seenObs: [],
        seenReturns: [],
      }
    : null
