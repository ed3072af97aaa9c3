/** Which values a charted quantity can have: no axis goes beyond them. */
import { actionDim, type EnvSpec } from '../env/contract'
import type { ColumnName } from './series'

type Limits = readonly [low: number | null, high: number | null]

/** Null where there is no bound. */
export function limitsOf(name: ColumnName, spec: Pick<EnvSpec, 'actionSpace' | 'maxEpisodeSteps'>): Limits {
  switch (name) {
    case 'lengthMean':
      return [0, spec.maxEpisodeSteps]
    case 'clipfrac':
      return [0, 1]
    case 'explainedVariance':
      return [null, 1]
    case 'entropy':
      return entropyLimits(spec)
    case 'vLoss':
    case 'approxKl':
    case 'learningRate':
    case 'gradNorm':
    case 'klCoef':
    case 'sps':
      return [0, null]
    default:
      return [null, null]
  }
}

/** Of discrete choices: from 0, where one is certain, to all being equally likely. That of a Gaussian has no bounds. */
function entropyLimits({ actionSpace: space }: Pick<EnvSpec, 'actionSpace'>): Limits {
  if (space.kind === 'box') return [null, null]
  const parts = space.kind === 'discrete' ? [actionDim({ actionSpace: space })] : space.nvec
  return [0, parts.reduce((sum, choices) => sum + Math.log(choices), 0)]
}
