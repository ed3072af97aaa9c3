/** The action distributions, and which one an action space uses. */
import { type ActionSpace, actionDim } from '../../env/contract'
import { categorical } from './categorical/categorical'
import type { ActionDistribution, DistributionKind } from './distribution'
import { gaussian } from './gaussian/gaussian'
import { multiDiscrete } from './multi_discrete/multi_discrete'

/** The parts of a network's shape that determine a distribution. */
export interface DistributionShape {
  dist: DistributionKind
  /** Logits, or action dimensions. */
  actionDim: number
  /** Choices of each part, for `multi_discrete`. */
  nvec?: readonly number[]
}

const MAKERS: Record<DistributionKind, (shape: DistributionShape) => ActionDistribution> = {
  categorical: ({ actionDim }) => categorical(actionDim),
  gaussian: ({ actionDim }) => gaussian(actionDim),
  multi_discrete: ({ nvec }) => multiDiscrete(nvec!),
}

export const DISTRIBUTIONS = Object.keys(MAKERS) as DistributionKind[]

export const distributionOf = (shape: DistributionShape): ActionDistribution => MAKERS[shape.dist](shape)

/** The distribution over the actions of a space. */
export function distributionFor(space: ActionSpace): DistributionShape {
  const width = actionDim({ actionSpace: space })
  if (space.kind === 'discrete') return { dist: 'categorical', actionDim: width }
  if (space.kind === 'box') return { dist: 'gaussian', actionDim: width }
  return { dist: 'multi_discrete', actionDim: width, nvec: space.nvec }
}
