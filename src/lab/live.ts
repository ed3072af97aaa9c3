import type { OptionName } from '../options/options'

/**
 * Options that may change while agents train: every kernel reads them from the agent's record. The others decide about
 * sizes, kernels or dispatches, so a change begins a new run.
 */
export const LIVE_OPTIONS = [
  'totalTimesteps',
  'stopWhenSolved',
  'learningRate',
  'annealLr',
  'adaptiveLr',
  'desiredKl',
  'gamma',
  'gaeLambda',
  'algorithm',
  'clipCoef',
  'annealClipCoef',
  'dualClip',
  'clipVloss',
  'vfClipCoef',
  'normAdv',
  'normAdvOver',
  'entCoef',
  'annealEntCoef',
  'vfCoef',
  'klCoef',
  'targetKl',
  'maxGradNorm',
  'adamBeta1',
  'adamBeta2',
  'adamEps',
  'weightDecay',
] as const satisfies readonly OptionName[]

export const isLive = (name: string): boolean => (LIVE_OPTIONS as readonly string[]).includes(name)
