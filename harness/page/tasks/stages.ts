/** One iteration of one agent, stage by stage, for `compare`. */
import { findEnv } from '../../../envs/registry'
import type { StageDump } from '../../../src/compare/dump'
import { takeApart } from '../../../src/compare/takeapart'
import type { StageArgs } from '../../protocol/protocol'
import { sharedGpu } from './device'

export const stages = async ({ env, spec, config, warmup }: StageArgs): Promise<StageDump> =>
  takeApart(await sharedGpu(), spec ?? findEnv(env), config, warmup)
