/** The action distributions, and which one an action space uses. */
import { type ActionSpace, actionDim } from '../../env/contract'
import { categorical, categoricalActing } from './categorical/categorical'
import type { ActingDistribution, ActionDistribution, DistributionKind } from './distribution'
import { gaussian, gaussianActing } from './gaussian/gaussian'
import { multiDiscrete, multiDiscreteActing } from './multi_discrete/multi_discrete'

/** The parts of a network's shape that determine a distribution. */
export interface DistributionShape {
  dist: DistributionKind
  /** Logits, or action dimensions. */
  actionDim: number
  /** Choices of each part, for `multi_discrete`. */
  nvec?: readonly number[]
}

type Makers<D> = Record<DistributionKind, (shape: DistributionShape) => D>

const MAKERS: Makers<ActionDistribution> = {
  categorical: ({ actionDim }) => categorical(actionDim),
  gaussian: ({ actionDim }) => gaussian(actionDim),
  multi_discrete: ({ nvec }) => multiDiscrete(nvec!),
}

/** Apart from MAKERS: an app that only loads a policy bundles nothing of the loss. */
const ACTING: Makers<ActingDistribution> = {
  categorical: ({ actionDim }) => categoricalActing(actionDim),
  gaussian: ({ actionDim }) => gaussianActing(actionDim),
  multi_discrete: ({ nvec }) => multiDiscreteActing(nvec!),
}

export const DISTRIBUTIONS = Object.keys(ACTING) as DistributionKind[]

export const distributionOf = (shape: DistributionShape): ActionDistribution => MAKERS[shape.dist](shape)
export const actingOf = (shape: DistributionShape): ActingDistribution => ACTING[shape.dist](shape)

/** The distribution over the actions of a space. */
export function distributionFor(space: ActionSpace): DistributionShape {
  const width = actionDim({ actionSpace: space })
  if (space.kind === 'discrete') return { dist: 'categorical', actionDim: width }
  if (space.kind === 'box') return { dist: 'gaussian', actionDim: width }
  return { dist: 'multi_discrete', actionDim: width, nvec: space.nvec }
}
